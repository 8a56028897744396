"""Rows of a record as a form knows them, though they were changed or written anew since it was opened."""

from django.contrib.contenttypes.models import ContentType
from django.core.exceptions import ValidationError
from django.db import DataError, IntegrityError, transaction

MOST_ROWS = 1000  # as many as a form may have


def lay_out(model_admin, request, record):
    """Put the rows back that the form in ``request.POST`` began with, and take away those that it does not know.

    Returns the form with the keys of rows that were put back. Only for a transaction that is undone, or whose form
    is saved whole.
    """
    data, renamed = request.POST.copy(), {}
    for formset, inline in model_admin.get_formsets_with_inlines(request, record):
        prefix, rows = formset.get_default_prefix(), _count(data, formset, "TOTAL_FORMS")
        for number in range(rows):
            _follow(data, f"{prefix}-{number}", formset.form, renamed)
        key = f"{prefix}-{{}}-{inline.model._meta.pk.name}"
        keys = {key.format(number): number for number in range(_count(data, formset, "INITIAL_FORMS"))}
        there = {str(row.pk): row for row in formset(instance=record, queryset=inline.get_queryset(request)).queryset}
        typed = {data.get(name) for name in keys}
        inline.model._base_manager.filter(pk__in=[row.pk for pk, row in there.items() if pk not in typed]).delete()
        for name, number in keys.items():
            if data.get(name) not in there and (row := _put_back(formset, data, f"{prefix}-{number}", record)):
                renamed[inline.model, data.get(name)] = data[name] = str(row.pk)
    return data


def _count(data, formset, name):
    try:
        return min(int(data.get(f"{formset.get_default_prefix()}-{name}", 0)), MOST_ROWS)
    except ValueError:
        return 0


def _follow(data, prefix, form, renamed):
    """Make a row name the rows that were put back under another key."""
    for name, field in form.base_fields.items():
        model = getattr(getattr(field, "queryset", None), "model", None)
        value = data.get(f"{prefix}-{name}")
        if (model, value) in renamed:
            data[f"{prefix}-{name}"] = renamed[model, value]


def _put_back(formset, data, prefix, record):
    """Return the row that was typed under ``prefix``, inserted; None if it is none."""
    form = formset.form(data, prefix=prefix)
    if hasattr(formset, "ct_field"):
        setattr(form.instance, formset.ct_field.name, ContentType.objects.get_for_model(record))
        setattr(form.instance, formset.ct_fk_field.name, record.pk)
    else:
        setattr(form.instance, formset.fk.name, record)
    try:
        if not form.is_valid():
            return None
        with transaction.atomic():
            form.instance.save()
    except (ValidationError, IntegrityError, DataError, OverflowError):
        return None
    return form.instance
