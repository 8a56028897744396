"""Reads query strings of lists, files and figures. Nothing else does."""

from copy import copy
from functools import cache
from types import MappingProxyType

import django_filters
from django import forms
from django.core.exceptions import BadRequest, ValidationError
from django.core.paginator import Paginator
from django.http import Http404
from django.utils.functional import cached_property
from django.utils.text import format_lazy
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from instruments.models import Country, Instrument, Partnership
from provenance.models.fields import PartialDateFormField

from ..index.follower import current_register, past_register
from ..index.version import register_version
from ..models import Organisation, Participation, Project, Theme
from ..models.fields import AmountFormField, CurrencyCodeFormField, is_currency
from ..models.project import GAPS, LABELS
from ..schemas import members_of
from ..words.phrases import query_in_words
from .as_of import AsOfField, MomentField
from .parameters import ChoiceField, ChoicesField, CursorField, MembersField, NumberField, RecordsField, WordsField

NOT_NARROWING = ("page", "page_size", "sort", "cursor", "fields")  # how rows are shown, not which
ONLY_WITH = {  # parameter: those without which it is refused, or has no effect
    "role": ("organisation",), "certainty": ("active_from", "active_to"), "currency": ("amount_min", "amount_max"),
}  # fmt: skip
PAGE_SIZE, LARGEST_PAGE_SIZE = 25, 100
SHOWN_UNKNOWN, LONGEST_NAME = 10, 40  # unknown parameters in an error, and characters of each name
STATUSES = [*((key, _(label)) for key, label in Project.Status.choices), ("not-stated", _("not known"))]
ROLES = [*((key, _(label)) for key, label in Participation.Role.choices), ("funder", _("funder"))]
ORDERS = {
    "title": _("A–Z"),
    "-budget": _("Largest budget first"),
    "-start_date": _("Newest"),
    "-modified": _("Recently changed"),
    "-title": _("Z–A"),
    "budget": _("Smallest budget first"),
    "start_date": _("Oldest"),
    "modified": _("Longest unchanged"),
    "-end_date": _("Last to end"),
    "end_date": _("First to end"),
}
MANNERS = {"possible": _("include"), "dated": _("include if one date is known"), "certain": _("leave out")}


class BadQuery(BadRequest):
    """A query string that is not valid. ``errors``: ``{parameter: [messages]}``."""

    def __init__(self, errors):
        self.errors = {name: [str(message) for message in messages] for name, messages in errors.items()}
        super().__init__(gettext("We could not use part of this link."))


class Filter(django_filters.Filter):
    """A parameter.

    ``method``: the method of Rows that applies it, if it does not depend on others. ``example``: of a value, or a list
    of values, for the description of the API; tests ask for it. ``phrase``: its words in a heading, with ``values``.
    """

    def __init__(self, field_class, help_text, *, method=None, example=None, phrase="", **options):
        self.field_class, self.rows_method, self.example, self.phrase = field_class, method, example, phrase
        super().__init__(help_text=help_text, **options)

    @property
    def is_repeatable(self):
        return issubclass(self.field_class, ChoicesField)

    def filter(self, rows, value):
        return getattr(rows, self.rows_method)(value) if self.rows_method and value else rows


class KeysFilter(Filter):
    """A parameter whose values are keys of projects; any of them matches."""

    def filter(self, rows, value):
        return rows.having(self.field_name, value) if value else rows


class QueryForm(forms.Form):
    """Refuses unknown parameters, and several values for a parameter that takes one.

    ``defaults``: the cleaned data of an empty query string.
    """

    def _clean_fields(self):
        """Clean only the few parameters in the query string; the others come from ``defaults``."""
        for name in filter(self.data.__contains__, self.fields):
            field = self.fields[name]
            try:
                self.cleaned_data[name] = field.clean(field.widget.value_from_datadict(self.data, self.files, name))
            except ValidationError as fault:
                self.add_error(name, fault)
        self.cleaned_data = {**self.defaults, **self.cleaned_data}

    def clean(self):
        for name in filter(self.fields.__contains__, self.data):
            if not isinstance(self.fields[name], ChoicesField) and len(self.data.getlist(name)) > 1:
                self.errors[name] = self.error_class([_("Given more than once. Use one value only.")])
        self.refuse_unknown([name for name in self.data if name not in self.fields])
        if self.cleaned_data.get("cursor") is not None and self.cleaned_data.get("page"):
            self.add_error("cursor", "Cannot be combined with page.")

    def refuse_unknown(self, names):
        """Name the first few unknown parameters, shortened. Only programs see this: pages redirect without them."""
        message = f"Unknown parameter. Allowed: {', '.join(self.fields) or 'none at this address'}."
        for name in names[:SHOWN_UNKNOWN]:
            self.errors[name[:LONGEST_NAME]] = self.error_class([message])
        if more := len(names[SHOWN_UNKNOWN:]):
            last = names[SHOWN_UNKNOWN - 1][:LONGEST_NAME]
            self.errors[last] = self.error_class([message, f"Other unknown parameters: {more}."])


class ProjectForm(QueryForm):
    """Refuses parameters that contradict each other."""

    def clean(self):
        super().clean()
        asked = self.cleaned_data
        if asked.get("role") and not asked.get("organisation"):
            self.add_error("role", _("A role needs an organisation. Choose one too."))
        for begin, end in (("active_from", "active_to"), ("modified_from", "modified_to")):
            first, last = asked.get(begin), asked.get(end)
            if first and last and last.latest < first.earliest:
                message = _("%(last)s is before the beginning, %(first)s. Enter a later end or an earlier beginning.")
                self.add_error(end, message % {"first": first, "last": last})
        least, most = asked.get("amount_min"), asked.get("amount_max")
        if least is not None and most is not None and most < least:
            message = _("%(most)s is less than the minimum, %(least)s. Enter a larger amount or a smaller minimum.")
            self.add_error("amount_max", message % {"least": least, "most": most})


class MembersFilter(Filter):
    """Which members of documents to return; the choices follow from the model."""

    @property
    def field(self):
        self.extra = {**self.extra, "members": members_of(self.model)}
        return super().field


class SharedFields(dict):
    """The fields of a form, which its instances share."""

    def __deepcopy__(self, memo):
        return dict(self)


@cache
def form_class(filterset_class, model):
    """Return the form class of a filter for ``model``. It is cached because it takes longer to make than to use."""
    fields = {}
    for name, declared in filterset_class.base_filters.items():
        parameter = copy(declared)
        parameter.model = model
        fields[name] = parameter.field
    form = type(f"{filterset_class.__name__}Form", (filterset_class._meta.form,), fields)
    form.base_fields = SharedFields(form.base_fields)
    empty = {name: field.widget.value_from_datadict({}, {}, name) for name, field in form.base_fields.items()}
    form.defaults = MappingProxyType({name: field.clean(empty[name]) for name, field in form.base_fields.items()})
    return form


class NoFilter(django_filters.FilterSet):
    """An address without parameters; the base of the other filters."""

    is_paged = False
    contributing = None  # see ProjectFilter

    class Meta:
        form = QueryForm

    def __init__(self, data, register=None, model=Project):
        """``data``: the query string, whose empty values count as absent; ``register``: the newest Register."""
        query = copy(data) if data else data
        for name, values in data.lists():
            if name in self.base_filters:
                may_be_empty = self.base_filters[name].field_class is CursorField
                query.setlist(name, [value for value in values if value.strip() or may_be_empty])
                if not query.getlist(name):
                    del query[name]
        self.data, self.filters = query, self.base_filters
        self.model, self._newest = model, register

    @cached_property
    def register(self):
        """The newest Register, or that of ``as_of``."""
        newest = self._newest or current_register()
        return past_register(self.version, newest) if self._moment() else newest

    @cached_property
    def version(self):
        """The newest Version, or that of ``as_of``."""
        moment = self._moment()
        return register_version(until=moment.latest) if moment else self.register.version

    def _moment(self):
        """Return the Moment of ``as_of``, which is read first because other parameters depend on it."""
        if not (text := self.data.get("as_of")) or "as_of" not in self.filters:
            return None
        try:
            return AsOfField(required=False).clean(text)
        except ValidationError:
            return None  # the form reports the error

    @cached_property
    def form(self):
        form = form_class(type(self), self.model)(self.data)
        for name in self.data:
            if isinstance(form.fields.get(name), RecordsField):
                form.fields[name] = copy(form.fields[name])
                form.fields[name].register = self.register
        return form

    @cached_property
    def asked(self):
        """The parameters, cleaned. BadQuery if one is not valid."""
        if not self.data:
            return form_class(type(self), self.model).defaults
        if not self.form.is_valid():
            raise BadQuery(self.form.errors)
        return self.form.cleaned_data

    def without_errors(self):
        """Return the filter without the values that are not valid, at its first page; itself if all are valid."""
        if not self.data or self.form.is_valid():
            return self
        valid = copy(self.data)
        for name in (*self.form.errors, "page"):
            values = valid.pop(name, [])
            right = [value for value in values if self._is_one(name, value)]
            if 0 < len(right) < len(values):  # if each is right, they are not together with other parameters
                valid.setlist(name, right)
        return type(self)(valid, self._newest, self.model).without_errors()

    def _is_one(self, name, value):
        """Whether ``value`` is one of the values of a repeatable parameter."""
        try:
            return name in self.filters and self.filters[name].is_repeatable and self.form.fields[name].clean([value])
        except ValidationError:
            return False

    def narrowed(self, without=()):
        """Return the matching rows, in order, ignoring the parameters ``without``. BadQuery if one is not valid."""
        return self.apply(self.all_rows, {**self.asked, **dict.fromkeys(without)})

    @property
    def all_rows(self):
        """The rows to narrow."""
        return self.register.rows(self.model)

    def apply(self, rows, asked):
        """Narrow ``rows`` by each parameter of ``asked``."""
        for name, value in asked.items():
            rows = self.filters[name].filter(rows, value)
        return rows


class AsOfFilter(NoFilter):
    """The parameter ``as_of``."""

    as_of = Filter(
        AsOfField, _("A date or time: the register as it was then. A date means the end of that day (UTC);"
                     " today means now."),
        label=_("As of"),
    )  # fmt: skip

    def in_words(self):
        """Return what is asked for, in words."""
        name, moment = self.model.heading, self.asked.get("as_of")
        return f"{name} as of {moment.in_words}" if moment else str(name)


class RecordFilter(AsOfFilter):
    """The parameters of a record in JSON."""

    fields = MembersFilter(
        MembersField, "Only these members of a record, comma-separated; whole ones: no members of members."
    )


class ListFilter(AsOfFilter):
    """The parameters of every list: its pages."""

    page = Filter(
        NumberField, _("Page number, starting at 1. A page after the last one returns 404."), label=_("Page"), example=1
    )
    page_size = Filter(
        NumberField,
        format_lazy(_("Results per page, 1 to {most}. Default: {usual}."), most=LARGEST_PAGE_SIZE, usual=PAGE_SIZE),
        label=_("Results per page"), most=LARGEST_PAGE_SIZE,
        example=10,
    )  # fmt: skip

    @property
    def rows_a_page(self):
        return self.asked["page_size"] or PAGE_SIZE

    @property
    def is_paged(self):
        """Whether the query asks for a page, rather than all rows."""
        return bool(self.asked["page"] or self.asked["page_size"])

    def window(self, count):
        """Return (Page, slice) of a list of ``count`` rows. Http404 past the end."""
        number, pages = self.asked["page"] or 1, Paginator(range(count), self.rows_a_page)
        if number > pages.num_pages:
            message = gettext("There is no page %(page)s. The last page is page %(last)s.")
            raise Http404(message % {"page": str(number)[:40], "last": pages.num_pages})
        page = pages.page(number)
        return page, slice(page.object_list.start, page.object_list.stop)


class HistoryFilter(ListFilter):
    """The parameters of a list of changes, which covers all times: its pages."""

    as_of = None


def _bounds(asked, name):
    """Return (earliest or None, latest or None) of the parameters ``…_from`` and ``…_to``; None without both."""
    first, last = asked[f"{name}_from"], asked[f"{name}_to"]
    return (first and first.earliest, last and last.latest) if first or last else None


def records(model, help_text, **options):
    """Return a repeatable filter by published records of ``model``."""
    return KeysFilter(RecordsField, help_text, model=model, **options)


class ProjectFilter(ListFilter):
    """The parameters of projects, the same for pages, files, API and figures (docs/api.md)."""

    q = Filter(
        WordsField, _("Finds projects that contain all these words in their title, acronym, summary, objectives,"
                      " components, quotes, themes, organisations, countries, instruments or agreements, in English or"
                      " French. Put quotation marks around “a phrase” to find it as it stands. Put - before a word or"
                      " phrase to leave out projects that contain it. Capitals, accents, apostrophes, hyphens and"
                      " invisible characters make no difference."),
        label=_("Search"), method="matching", max_length=200,
        example="border management",
    )  # fmt: skip
    country = records(
        Country,
        _("Two-letter country code (ISO 3166-1 alpha-2), such as GE."),
        label=_("Country"),
        example=["GE", "MD"],
    )
    instrument = records(Instrument, _("Code of an instrument, such as ENI."), label=_("Instrument"), example=["ENI"])
    partnership = records(
        Partnership,
        _("Slug of an agreement: the last part of its address."),
        label=_("Agreement"),
        example=["eu-georgia-mobility-partnership"],
    )
    organisation = Filter(
        RecordsField,
        _("Slug of an organisation, in any role: the last part of its address."),
        model=Organisation,
        label=_("Organisation"),
        example=["icmpd"],
    )
    role = Filter(
        ChoicesField, _("Role of the organisation in the project. Needs organisation."), label=_("Role"),
        choices=ROLES,
        example=["lead"],
    )  # fmt: skip
    theme = records(Theme, _("Slug of a theme."), label=_("Theme"), example=["border-management"])
    status = KeysFilter(
        ChoicesField, _("Status according to the source."), label=_("Status"), choices=STATUSES, example=["ongoing"]
    )
    active_from = Filter(
        PartialDateFormField,
        _("Active at this time or later: 2012, 2012-05 or 2012-05-31."),
        label=_("Active from"),
        example="2011-06",
    )
    active_to = Filter(
        PartialDateFormField,
        _("Active at this time or earlier: 2012, 2012-05 or 2012-05-31."),
        label=_("Active until"),
        example="2012",
    )
    certainty = Filter(
        ChoiceField,
        _("Include projects whose dates are uncertain."),
        label=_("Uncertain dates"), default="possible", choices=[*MANNERS.items()],
        example="certain",
    )  # fmt: skip
    amount_min = Filter(
        AmountFormField,
        _("Smallest total budget, in the chosen currency."),
        label=_("Smallest budget"),
        example="2584000",
    )
    amount_max = Filter(
        AmountFormField,
        _("Largest total budget, in the chosen currency."),
        label=_("Largest budget"),
        example="16000000.00",
    )
    currency = Filter(
        CurrencyCodeFormField, _("Currency of both amounts, for example EUR (the default) or USD."),
        label=_("Currency"), validators=[is_currency],
        example="EUR",
    )  # fmt: skip
    not_stated = KeysFilter(
        ChoicesField,
        _("Information that no source gives."),
        label=_("Missing information"),
        phrase=_("with missing information (%(values)s)"),
        choices=[(name, LABELS[name]) for name in GAPS],
        example=["budget"],
    )
    modified_from = Filter(
        MomentField,
        _("Last changed at this time or later. A date means the whole day (UTC)."),
        label=_("Changed since"),
        example="2026-01-01",
    )
    modified_to = Filter(
        MomentField,
        _("Last changed at this time or earlier. A date means the whole day (UTC)."),
        label=_("Changed until"),
        example="2099-12-31T23:59:59Z",
    )
    sort = Filter(
        ChoiceField, _("Sort order; put - in front to reverse it. Missing values always come last."),
        label=_("Sort by"), method="in_order",
        default="title", choices=[*ORDERS.items()],
        example="-budget",
    )  # fmt: skip

    class Meta:
        form = ProjectForm

    def apply(self, rows, asked):
        """Narrow ``rows``, also by the parameters that depend on each other."""
        projects = super().apply(rows, asked)
        if asked["organisation"]:
            projects = projects.with_organisations(asked["organisation"], asked["role"] or ())
        if period := _bounds(asked, "active"):
            projects = projects.active(*period, asked["certainty"] or "possible")
        if asked["amount_min"] is not None or asked["amount_max"] is not None:
            projects = projects.with_total(asked["currency"] or "EUR", asked["amount_min"], asked["amount_max"])
        if period := _bounds(asked, "modified"):
            projects = projects.modified_between(*period)
        return projects

    @property
    def contributing(self):
        """The instruments and funders in the query, ``{"instrument": …, "funder": …}``, to sum contributions by."""
        is_of_funders = "funder" in (self.asked["role"] or ())
        keys = {"instrument": self.asked["instrument"], "funder": is_of_funders and self.asked["organisation"]}
        return {part: names for part, names in keys.items() if names}

    def in_words(self):
        return query_in_words(self.asked, {name: each.phrase for name, each in self.filters.items() if each.phrase})


class ValuesFilter(ProjectFilter):
    """The parameters of the page with all values of one facet."""

    called = Filter(forms.CharField, _("Words in the name."), label=_("Name"), max_length=200)


class RecordFileFilter(ListFilter, RecordFilter):
    """The parameters of JSON files of other records than projects."""


class ProjectFileFilter(ProjectFilter, RecordFilter):
    """The parameters of JSON files of projects."""
