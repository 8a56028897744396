"""Lists and forms that refuse addresses they do not understand, instead of failing."""

from django.contrib import admin, messages
from django.contrib.admin.helpers import ACTION_CHECKBOX_NAME
from django.contrib.admin.options import IncorrectLookupParameters
from django.contrib.admin.views.main import ERROR_FLAG, ORDER_VAR
from django.contrib.admin.widgets import AutocompleteSelectMultiple, RelatedFieldWidgetWrapper
from django.core.exceptions import BadRequest, ValidationError
from django.db.models import BigIntegerField, Q
from django.urls import reverse
from django.utils.html import format_html_join
from django.utils.http import urlencode

from provenance.documents.folding import fold
from provenance.models import Source
from provenance.store.log import record_models

from .permissions import PermitMixin
from .summary import UNCHANGED

LONGEST_SEARCH = 200


class SeveralSelect(AutocompleteSelectMultiple):
    """A multiple choice without the button that clears all: it would be a list item among the choices."""

    def build_attrs(self, *args, **options):
        return super().build_attrs(*args, **options) | {"data-allow-clear": "false"}


def without_deleting(field):
    """Return a form field without the link that deletes the selected record."""
    if isinstance(wrapper := getattr(field, "widget", None), RelatedFieldWidgetWrapper):
        wrapper.can_delete_related = False
    return field


class CarefulAdmin(PermitMixin, admin.ModelAdmin):
    """The base of every admin. Only its own filters, search and actions reach the database."""

    list_per_page = 50
    show_full_result_count = False  # saves a count
    linked_by: tuple[str, ...] = ()  # further lookups, which other pages link to

    def lookup_allowed(self, lookup, value, request=None):
        """Allow only lookups that the list's own filters use."""
        return lookup in self._lookups(request)

    def _lookups(self, request):
        lookups = set(self.linked_by)
        for entry in self.get_list_filter(request):
            if isinstance(entry, type):
                lookups.add(entry.parameter_name)
            else:
                related = self.opts.get_field(entry).related_model
                lookups |= {entry, f"{entry}__exact", f"{entry}__isnull"}
                lookups |= {f"{entry}__{related._meta.pk.name}__exact"} if related else set()
        if self.date_hierarchy:
            lookups |= {f"{self.date_hierarchy}__{part}" for part in ("year", "month", "day")}
        return lookups

    def get_changelist_instance(self, request):
        try:
            return super().get_changelist_instance(request)
        except (ValueError, OverflowError) as error:  # year 9999 has no next year
            raise IncorrectLookupParameters(error) from error

    def get_object(self, request, object_id, from_field=None):
        return super().get_object(request, object_id, from_field or None)

    def formfield_for_dbfield(self, db_field, request, **options):
        return without_deleting(super().formfield_for_dbfield(db_field, request, **options))

    def formfield_for_manytomany(self, db_field, request, **options):
        if db_field.name in self.autocomplete_fields:
            options["widget"] = SeveralSelect(db_field, self.admin_site)
        return super().formfield_for_manytomany(db_field, request, **options)

    def changelist_view(self, request, extra_context=None):
        if ERROR_FLAG in request.GET:
            words = "This link contains an unknown filter, so all rows are shown."
            self.message_user(request, words, messages.WARNING)
        _check(self.opts.pk, request.POST.getlist(ACTION_CHECKBOX_NAME))
        named = {"title": self.admin_site.name_of(self.model)}
        return super().changelist_view(request, named | (extra_context or {}))

    def changeform_view(self, request, object_id=None, form_url="", extra_context=None):
        for field in self._relations():
            _check(field.related_model._meta.pk, filter(None, request.POST.getlist(field.name)))
        return super().changeform_view(request, object_id, form_url, extra_context)

    def _relations(self):
        return [field for field in (*self.opts.fields, *self.opts.many_to_many) if field.related_model]

    def construct_change_message(self, request, form, formsets, add=False):
        """As Django's; note whether anything was changed."""
        request.is_typed = bool(message := super().construct_change_message(request, form, formsets, add))
        return message

    def response_change(self, request, obj):
        request.instead = request.__dict__.get("instead") or ("" if request.is_typed else UNCHANGED)
        return super().response_change(request, obj)

    def message_user(self, request, message, *args, **options):
        """Show a message; ``request.instead``, if set, is shown instead of Django's own."""
        super().message_user(request, request.__dict__.pop("instead", "") or message, *args, **options)

    def get_search_results(self, request, queryset, search_term):
        """Find rows with every word in one of ``search_fields``; for ``__contains``, in folded text."""
        if len(search_term) > LONGEST_SEARCH:
            words = f"Search for at most {LONGEST_SEARCH} characters."
            self.message_user(request, words, messages.ERROR)
            return queryset.none(), False
        for word in search_term.split():
            matches = Q()
            for field in self.get_search_fields(request):
                matches |= Q((field, fold(word)) if field.endswith("__contains") else (f"{field}__icontains", word))
            queryset = queryset.filter(matches)
        is_sorted = not search_term.strip() or ORDER_VAR in request.GET
        return queryset if is_sorted else self.nearest_first(queryset, search_term), False

    def nearest_first(self, queryset, search_term):
        """Return the search results in the order to show."""
        return queryset

    def get_changeform_initial_data(self, request):
        """Take from the address only values that the form would accept."""
        initial = super().get_changeform_initial_data(request)
        return {name: value for name, value in initial.items() if self._would_take(request, name, value)}

    def _would_take(self, request, name, value):
        fields = {field.name: field for field in (*self.opts.fields, *self.opts.many_to_many) if field.editable}
        form_field = name in fields and self.formfield_for_dbfield(fields[name], request, required=False)
        if not form_field or not value:
            return False
        try:
            if related := fields[name].related_model:
                _check(related._meta.pk, value if isinstance(value, list) else [value])
            return form_field.clean(value) not in form_field.empty_values
        except (ValidationError, BadRequest):
            return False


class SourceFilter(admin.SimpleListFilter):
    """Records with a claim of one source; links lead to it, the list does not offer it."""

    title = parameter_name = "source"

    def lookups(self, request, model_admin):
        sources = Source.objects.filter(pk__in=[self.value()] if self.value() else [])
        return [(source.pk, str(source)) for source in sources]

    def queryset(self, request, queryset):
        return queryset.citing(self.value()) if self.value() else queryset


def resting_on(source):
    """Return links, as HTML, to lists of the records with a claim of the source of that key; "" if none."""
    counts = [(model._meta, model.objects.citing(source).count()) for model in record_models() if model.claimable]
    return format_html_join(", ", '<a href="{}?{}">{} {}</a>', (
        (
            reverse(f"admin:{meta.app_label}_{meta.model_name}_changelist"), urlencode({"source": source}),
            f"{count:,}", meta.verbose_name if count == 1 else meta.verbose_name_plural,
        )
        for meta, count in counts if count
    ))  # fmt: skip


class KindFilter(admin.SimpleListFilter):
    """By kind of record."""

    title = "kind of record"
    parameter_name = "kind"

    def lookups(self, request, model_admin):
        return [(model._meta.model_name, model._meta.verbose_name) for model in record_models()]

    def queryset(self, request, queryset):
        return queryset.filter(kind=self.value()) if self.value() else queryset


def _check(key_field, values):
    """BadRequest for values that cannot be keys: databases would fail on them."""
    for value in values:
        try:
            key = key_field.to_python(value)
            possible = "\0" not in key if isinstance(key, str) else abs(key) <= BigIntegerField.MAX_BIGINT
        except ValidationError:
            possible = False
        if not possible:
            raise BadRequest(f"“{value[:40]}” is not the key of a {key_field.model._meta.verbose_name}.")
