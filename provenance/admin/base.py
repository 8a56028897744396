"""The base of every admin. Lists and forms refuse addresses they do not understand, instead of failing.

Permissions come from the table in ``workflow/permissions.py`` and not Django's own.
"""

import re
from functools import partial, partialmethod, wraps
from types import MethodType

from django.contrib import admin, messages
from django.contrib.admin.helpers import ACTION_CHECKBOX_NAME
from django.contrib.admin.options import IncorrectLookupParameters
from django.contrib.admin.utils import model_ngettext, unquote
from django.contrib.admin.views.main import ERROR_FLAG
from django.contrib.admin.widgets import RelatedFieldWidgetWrapper
from django.core.exceptions import BadRequest, PermissionDenied, ValidationError
from django.http import HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import path
from django.utils.formats import date_format
from django.utils.html import format_html_join
from django.utils.text import capfirst

from provenance.models import Record, Source
from provenance.site.admin_site import address
from provenance.store.log import model_of, record_models
from provenance.workflow import permissions

from .summary import UNCHANGED, attempt, typed_reason

LONGEST_SEARCH = 200
DATE_FORMATS = {"year": "Y", "month": "M Y", "day": "j M Y"}
OF_FILTERS = re.compile("(?:__(?:id|code|slug))?__(?:exact|isnull)$")  # what Django's filters add to a column
NOT_BY_HAND = "The register creates its {kinds} itself. Nobody can add, change or delete one."

# {page: actions, one of which is required}.
READ = {"view": ("view",)}
OF_RECORDS = READ | {"change": ("change", "propose")}
OF_RECORDS |= {action: (action,) for action in ("add", "delete", "publish", "withdraw", "merge")}
OF_ADMINISTRATORS = dict.fromkeys(("view", "add", "change", "delete"), ("administer",))


def of_row(view):
    """Return a view of an admin's row for one of its key in an address; where there is none, Django's answer."""

    @wraps(view)
    def of_key(self, request, object_id, *args, **options):
        if not self.has_view_permission(request):
            raise PermissionDenied
        row = self.get_object(request, unquote(object_id))
        if row is None:
            return self._get_obj_does_not_exist_redirect(request, self.opts, object_id)
        return view(self, request, row, *args, **options)

    return of_key


class PlainChoices:
    """An admin whose form fields have no link that deletes the selected record.

    Several choices have no button that clears all either: it would be a list item among them.
    """

    def formfield_for_dbfield(self, db_field, request, **options):
        field = super().formfield_for_dbfield(db_field, request, **options)
        if isinstance(wrapper := getattr(field, "widget", None), RelatedFieldWidgetWrapper):
            wrapper.can_delete_related = False
            wrapper.widget.is_required |= getattr(wrapper.widget, "allow_multiple_selected", False)
        return field


class CarefulAdmin(PlainChoices, admin.ModelAdmin):
    """The base of every admin. Only its own filters, search and actions reach the database.

    ``needs`` gives permissions; by default, everybody with a role may view and nobody may change.
    """

    needs: dict[str, tuple[str, ...]] = READ
    list_per_page = 50
    show_full_result_count = False  # saves a count
    list_prefetch: tuple[str, ...] = ()  # relations that the list shows
    list_title = ""  # heading of the list and its name in the menus; by default, the plural of the rows
    views: dict = {}  # {route: (name, view)}, in addition to Django's; views take this admin

    # -- Permissions --

    def _may(self, page, request, obj=None):
        """Whether the user may do what ``page`` is for; if not, ``request.why_refused`` returns why."""
        is_allowed = any(self.permits(request, action, obj) for action in self.needs.get(page, ()))
        if not is_allowed:
            request.why_refused = partial(self.why_refused, request, page, obj)
        return is_allowed

    has_module_permission = has_view_permission = has_view_or_change_permission = partialmethod(_may, "view")
    has_add_permission, has_change_permission = partialmethod(_may, "add"), partialmethod(_may, "change")
    has_delete_permission, has_publish_permission = partialmethod(_may, "delete"), partialmethod(_may, "publish")
    has_withdraw_permission, has_merge_permission = partialmethod(_may, "withdraw"), partialmethod(_may, "merge")

    def permits(self, request, action, obj=None):
        """Whether the user may do ``action`` on the record ``obj``, or on any without one.

        Cached for the request: the answer does not follow changes made by it.
        """
        if not isinstance(obj, Record) or obj._state.adding:
            return permissions.may(request.user, action)
        cached = request.__dict__.setdefault("_permits", {})
        if (action, obj) not in cached:
            cached[action, obj] = permissions.may(request.user, action, obj)
        return cached[action, obj]

    def why_refused(self, request, page, obj):
        """Return why the user may not do what ``page`` is for, on ``obj`` or on any without one."""
        if not (needed := self.needs.get(page)):
            return NOT_BY_HAND.format(kinds=self.opts.verbose_name_plural)
        record = obj if isinstance(obj, Record) else None
        own = [each for each in needed if record and record.state in permissions.states_for(request.user, each)]
        return permissions.refusal(request.user, (own or needed[:1])[-1], record)

    # -- Pages --

    def get_urls(self):
        start = f"{self.opts.app_label}_{self.opts.model_name}"
        own = [
            path(route, self.admin_site.admin_view(MethodType(view, self)), name=f"{start}_{name}")
            for route, (name, view) in self.views.items()
        ]
        return own + super().get_urls()

    def page(self, request, template, context):
        """Return a page of our own in the admin's frame; ``typed``: the form to go back to (see ``forms.unpack``)."""
        own = {"opts": self.opts, "media": self.media, "typed": getattr(request, "typed", "")}
        own |= self.admin_site.each_context(request) | {"typed_reason": typed_reason(request)}
        return TemplateResponse(request, template, own | context)

    def lookup_allowed(self, lookup, value, request=None):
        """Allow only lookups that the list's own filters use."""
        filters = self.get_list_filter(request)
        columns = {each.parameter_name if isinstance(each, type) else each for each in filters}
        of_date = [f"{self.date_hierarchy}__{part}" for part in ("year", "month", "day")]
        return lookup in of_date or OF_FILTERS.sub("", lookup) in columns

    def get_changelist_instance(self, request):
        try:
            return super().get_changelist_instance(request)
        except (ValueError, OverflowError) as error:  # year 9999 has no next year
            raise IncorrectLookupParameters(error) from error

    def get_queryset(self, request):
        return super().get_queryset(request).prefetch_related(*self.list_prefetch)

    def get_object(self, request, object_id, from_field=None):
        return super().get_object(request, object_id, from_field or None)

    def changelist_view(self, request, extra_context=None):
        """Refuse actions that the list does not offer, and what are no keys."""
        if ERROR_FLAG in request.GET:
            words = "This link contains an unknown filter, so all rows are shown."
            self.message_user(request, words, messages.WARNING)
        existing = {name for _, name, _ in self._get_base_actions()}
        if refused := existing.intersection(request.POST.getlist("action")) - self.get_actions(request).keys():
            action = min(refused)
            why = permissions.refusal(request.user, action.partition("_")[0])  # delete_selected, merge_two
            permissions.refuse(request.user, action, self.opts.model_name, why)
        for key in request.POST.getlist(ACTION_CHECKBOX_NAME):
            try:
                self.opts.pk.to_python(key)
            except ValidationError as error:
                raise BadRequest(f"“{key[:40]}” is not the key of a {self.opts.verbose_name}.") from error
        title = self.list_title or capfirst(self.opts.verbose_name_plural)
        return super().changelist_view(request, {"title": title, **(extra_context or {})})

    def log_change(self, request, obj, message):
        """As Django's; say so if nothing was changed."""
        request.instead = "" if message else UNCHANGED
        return super().log_change(request, obj, message)

    def carry_out(self, request, do, where, prepare=None):
        """Do what a page asks for, and redirect to ``where``; None, with errors to show, if it was refused.

        ``do`` returns what was done, in words; "" if nothing was. ``prepare``: see ``attempt``.
        """
        words, refused = attempt(do, prepare)
        self.show_errors(request, [UNCHANGED, *refused] if refused else [])
        if not words:
            return None
        self.message_user(request, words, messages.SUCCESS)
        return HttpResponseRedirect(where)

    def show_errors(self, request, refused):
        for words in refused:
            self.message_user(request, words, messages.ERROR)

    def message_user(self, request, message, *args, **options):
        """Show a message; ``request.instead``, if set, is shown instead of Django's own."""
        super().message_user(request, request.__dict__.pop("instead", "") or message, *args, **options)

    def get_search_results(self, request, queryset, search_term):
        if len(search_term) > LONGEST_SEARCH:
            words = f"Search for at most {LONGEST_SEARCH} characters."
            self.message_user(request, words, messages.ERROR)
            return queryset.none(), False
        return super().get_search_results(request, queryset, search_term)


def date_column(name):
    """Return the column of a list for the partial date ``name``, in words as precise as it is."""

    @admin.display(description=name.replace("_", " "), ordering=name)
    def column(row):
        value = getattr(row, name)
        return value and date_format(value.earliest, DATE_FORMATS[value.precision])

    column.__name__ = name
    return column


@admin.display(description="kind of record", ordering="kind")
def its_kind(row):
    """Return the name of the kind of record that a row of a list is about."""
    return row.kind and model_of(row)._meta.verbose_name


class OtherRecordFilter(admin.RelatedFieldListFilter):
    """Rows that name one of the other records, or none."""

    def __init__(self, field, *args, **options):
        super().__init__(field, *args, **options)
        self.title, self.empty_value_display = field.related_model._meta.verbose_name, "none"


admin.FieldListFilter.register(lambda field: field.remote_field, OtherRecordFilter, take_priority=True)


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
    counts = [(model, model.objects.citing(source).count()) for model in record_models() if model.claimable]
    return format_html_join(", ", '<a href="{}">{} {}</a>', (
        (address(model, source=source), f"{count:,}", model_ngettext(model, count)) for model, count in counts if count
    ))  # fmt: skip


class KindFilter(admin.SimpleListFilter):
    title, parameter_name = "kind of record", "kind"

    def lookups(self, request, model_admin):
        return [(model._meta.model_name, model._meta.verbose_name) for model in record_models()]

    def queryset(self, request, queryset):
        return queryset.filter(kind=self.value()) if self.value() else queryset
