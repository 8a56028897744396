"""The one reader of query strings: what a list, a file or a figure is asked for, and how to say it in words."""

import re

import django_filters
from django import forms
from django.core.exceptions import BadRequest, ValidationError
from django.http import Http404
from django.utils.choices import CallableChoiceIterator

from instruments.models import Country, Instrument, Partnership
from provenance.fields import PartialDateFormField
from provenance.folding import fold

from .fields import AmountFormField, CurrencyFormField, is_currency
from .models import Organisation, Participation, Project, Theme
from .querysets import GAPS, SORTS
from .wording import in_words

PAGE_SIZE, LARGEST_PAGE_SIZE = 25, 100
SHOWN_CHOICES = 30  # how many allowed values a message lists


STATUSES = [*Project.Status.choices, ("not-stated", "not stated")]


class BadQuery(BadRequest):
    """A query string that is not understood. ``errors``: ``{parameter: [messages]}``."""

    def __init__(self, errors):
        self.errors = {name: [str(message) for message in messages] for name, messages in errors.items()}
        super().__init__("The address asks for something that is not understood.")


class NumberField(forms.CharField):
    """A whole number from ``least`` to ``most``."""

    def __init__(self, *, least=1, most=None, **options):
        super().__init__(**options)
        self.least, self.most = least, most

    def to_python(self, value):
        text = super().to_python(value)
        if not text:
            return None
        if not re.fullmatch(r"[0-9]{1,100}", text) or not self.least <= int(text) <= (self.most or int(text)):
            upper = f" to {self.most}" if self.most else ""
            raise ValidationError(f"“{text[:40]}” is not a whole number from {self.least}{upper}.")
        return int(text)


class WordsField(forms.CharField):
    """Words to search for."""

    def clean(self, value):
        text = super().clean(value)
        if text and not fold(text):
            raise ValidationError("It holds nothing to search for. Give a word, or leave it out.")
        return text


class ChoicesField(forms.MultipleChoiceField):
    """One or several of the values in ``choices``; cleaned to ``{value: label}``."""

    def found(self, values):
        labels = dict(self.choices)
        return {value: labels[value] for value in values if value in labels}

    def clean(self, values):
        found = self.found(values or [])
        for value in values or []:
            if value not in found:
                raise ValidationError(f"“{value[:40]}” is unknown here. Allowed: {self.allowed()}.")
        return found

    def allowed(self):
        keys = [str(key) for key, _ in self.choices]
        more = f" and {len(keys) - SHOWN_CHOICES} more" if len(keys) > SHOWN_CHOICES else ""
        return (", ".join(keys[:SHOWN_CHOICES]) or "none yet") + more


class RecordsField(ChoicesField):
    """One or several published records of ``model``, by their keys."""

    def __init__(self, *, model, label_column, **options):
        super().__init__(**options)
        self.model, self.label_column = model, label_column
        self._choices = None

    @property
    def choices(self):
        if self._choices is None:
            self._choices = list(self._records().order_by("sort_key", "pk"))
        return self._choices

    @choices.setter
    def choices(self, value):
        """Ignored: the choices are the records."""

    def found(self, values):
        labels = dict(self._records().filter(pk__in=values)) if values else {}
        return {value: labels[value] for value in values if value in labels}

    def get_bound_field(self, form, name):
        """Show the choices; they are read only when the field is drawn."""
        self.widget.choices = CallableChoiceIterator(lambda: self.choices)
        return super().get_bound_field(form, name)

    def _records(self):
        return self.model.objects.published().values_list("pk", self.label_column)


class ChoiceField(forms.ChoiceField):
    """One of the values in ``choices``."""

    def validate(self, value):
        if value and not self.valid_value(value):
            allowed = ", ".join(str(key) for key, _ in self.choices if key)
            raise ValidationError(f"“{value[:40]}” is unknown here. Allowed: {allowed}.")


class Filter(django_filters.Filter):
    """A parameter. ``word``: the word of the queryset that it is translated to, if it stands alone."""

    def __init__(self, field_class, help_text, *, word=None, **options):
        self.field_class, self.word = field_class, word
        super().__init__(help_text=help_text, **options)

    @property
    def is_repeatable(self):
        return issubclass(self.field_class, ChoicesField)

    def filter(self, queryset, value):
        return getattr(queryset, self.word)(value) if self.word and value else queryset


class QueryForm(forms.Form):
    """Refuses what is not a parameter, and what is given twice but has one value."""

    def clean(self):
        for name, values in self.data.lists():
            if name not in self.fields:
                self.errors[name] = self.error_class(
                    [f"Unknown parameter. Allowed: {', '.join(self.fields) or 'none at this address'}."]
                )
            elif not isinstance(self.fields[name], ChoicesField) and len(values) > 1:
                self.errors[name] = self.error_class(["Given more than once; it takes one value."])


class ProjectForm(QueryForm):
    """Refuses parameters that contradict each other."""

    def clean(self):
        super().clean()
        asked = self.cleaned_data
        if asked.get("role") and not asked.get("organisation"):
            self.add_error("role", "Only with organisation: say which organisation has the role.")
        first, last = asked.get("active_from"), asked.get("active_to")
        if first and last and last.latest < first.earliest:
            self.add_error("active_to", f"{last} is before {first}. Give a later date, or an earlier active_from.")
        least, most = asked.get("amount_min"), asked.get("amount_max")
        if least is not None and most is not None and most < least:
            self.add_error("amount_max", f"{most} is less than {least}. Give more, or a smaller amount_min.")


class ListFilter(django_filters.FilterSet):
    """The parameters of every list: which page of it."""

    page = Filter(NumberField, "Page, from 1. A page past the end is 404.", label="Page")
    page_size = Filter(
        NumberField, f"Rows a page, 1 to {LARGEST_PAGE_SIZE}; {PAGE_SIZE} if not given.",
        label="Rows a page", most=LARGEST_PAGE_SIZE,
    )  # fmt: skip

    class Meta:
        form = QueryForm

    def __init__(self, data, **options):
        """Take in the query string ``data``. An empty value of a parameter counts as absent."""
        given = data.copy()
        for name, values in data.lists():
            if name in self.base_filters:
                given.setlist(name, [value for value in values if value.strip()])
                if not given.getlist(name):
                    del given[name]
        super().__init__(given, **options)

    @property
    def asked(self):
        """The parameters as understood. BadQuery if one is not."""
        if not self.form.is_valid():
            raise BadQuery(self.form.errors)
        return self.form.cleaned_data

    def narrowed(self, without=()):
        """Return the rows asked for, in the order asked for. BadQuery if a parameter is not understood.

        ``without``: parameters that are taken as not given.
        """
        return self.translated(self.queryset.all(), {**self.asked, **dict.fromkeys(without)})

    def translated(self, rows, asked):
        """Translate each parameter of ``asked`` into a word of the queryset."""
        for name, value in asked.items():
            rows = self.filters[name].filter(rows, value)
        return rows

    @property
    def is_paged(self):
        """Whether a page was asked for, rather than all rows."""
        return bool(self.asked["page"] or self.asked["page_size"])

    def window(self, count):
        """Return (page, size, slice) of a list of ``count`` rows. Http404 past the end."""
        page, size = self.asked["page"] or 1, self.asked["page_size"] or PAGE_SIZE
        if page > 1 and (page - 1) * size >= count:
            raise Http404(f"There is no page {str(page)[:40]}: the list ends with page {max(1, -(-count // size))}.")
        return page, size, slice((page - 1) * size, page * size)


class NoFilter(ListFilter):
    """The parameters of an address that takes none."""

    page = page_size = None


def records(model, help_text, *, label_column="name", **options):
    """Return the filter by published records of ``model``; repeatable, any of them."""
    return Filter(RecordsField, help_text, model=model, label_column=label_column, **options)


class ProjectFilter(ListFilter):
    """Which projects: the same parameters for page, file, API and figures (docs/api.md)."""

    q = Filter(
        WordsField, "Words that all occur in title, acronym, summary, organisations, countries, instruments"
        " or partnerships; case and accents make no difference.",
        label="Search", word="matching", max_length=200,
    )  # fmt: skip
    country = records(Country, "ISO 3166-1 alpha-2 code.", label="Country", word="in_countries")
    instrument = records(Instrument, "Code of an instrument.", label="Instrument", word="funded_by")
    partnership = records(Partnership, "Slug of an agreement.", label="Partnership", word="under_partnerships")
    organisation = records(Organisation, "Slug of an organisation, in any role.", label="Organisation")
    role = Filter(
        ChoicesField, "Only with organisation: it has this role in the project.", label="Role",
        choices=[*Participation.Role.choices, ("funder", "funder")],
    )  # fmt: skip
    theme = records(Theme, "Slug of a theme.", label="Theme", word="on_themes")
    status = Filter(
        ChoicesField, "Status as the source says.", label="Status", word="with_status",
        choices=STATUSES,
    )  # fmt: skip
    active_from = Filter(PartialDateFormField, "Active in or after: 2012, 2012-05 or 2012-05-31.", label="Active from")
    active_to = Filter(PartialDateFormField, "Active in or before: 2012, 2012-05 or 2012-05-31.", label="Active to")
    certainty = Filter(
        ChoiceField, "Whether projects that only may have been active count (possible, the default) or not (certain).",
        label="Certainty", choices=[("", "may have been active"), ("possible", "may have been active"),
                                    ("certain", "certainly was active")],
    )  # fmt: skip
    amount_min = Filter(AmountFormField, "Least stated total, in currency.", label="Total from")
    amount_max = Filter(AmountFormField, "Largest stated total, in currency.", label="Total up to")
    currency = Filter(
        CurrencyFormField, "ISO 4217 code of amount_min and amount_max; EUR if not given.",
        label="Currency", validators=[is_currency],
    )  # fmt: skip
    not_stated = Filter(
        ChoicesField, "No source states it.", label="Not stated", word="not_stating",
        choices=[(name, name.replace("_", " ")) for name in GAPS],
    )  # fmt: skip
    sort = Filter(
        ChoiceField, "Order; with - from the end. Blanks last either way.", label="Order", word="in_order",
        choices=[(sign + name, name.replace("_", " ").capitalize() + (", descending" if sign else ""))
                 for name in SORTS for sign in ("", "-")],
    )  # fmt: skip

    class Meta:
        form = ProjectForm

    def translated(self, rows, asked):
        """Translate each parameter of ``asked``; here those that have a meaning only together."""
        projects = super().translated(rows.in_order("title"), asked)
        if asked["organisation"]:
            projects = projects.with_organisations(asked["organisation"], asked["role"] or ())
        first = asked["active_from"] and asked["active_from"].earliest
        last = asked["active_to"] and asked["active_to"].latest
        if first or last:
            projects = projects.active(first, last, certainly=asked["certainty"] == "certain")
        if asked["amount_min"] is not None or asked["amount_max"] is not None:
            projects = projects.with_total(asked["currency"] or "EUR", asked["amount_min"], asked["amount_max"])
        return projects

    def in_words(self):
        """Return what is asked for as words: ``projects in Georgia funded by ENI``."""
        return in_words(self.asked)
