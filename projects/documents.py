"""Builders of the documents of projects, organisations and themes."""

from decimal import Decimal

from django.core.exceptions import ValidationError

from instruments.models import Instrument
from provenance.documents import claims, date_member, grouped, money_member
from provenance.shapes import (
    CLAIM,
    CODED,
    DATE,
    MONEY,
    NAMED,
    TITLED,
    Rows,
    check,
    date_columns,
    key_of,
    keys_of,
    stated,
)

from .models import EUROPEAN_UNION, Component, Contribution, Organisation, Participation, Project, Theme

_ROW = (
    "slug", "title", "acronym", "summary", "objectives", "status", "status_as_of", "start_date",
    "start_date_planned", "end_date", "end_date_planned", "budget_amount", "budget_currency", "part_of_id",
    "part_of__title",
)  # fmt: skip
PROJECT = {
    "slug": str, "url": str, "title": str, "acronym": stated(str), "summary": stated(str),
    "countries": [CODED], "partnerships": [{**NAMED, "kind": str}], "themes": [NAMED],
    "status": stated(str), "status_as_of": stated(str), "start_date": stated(DATE), "end_date": stated(DATE),
    "budget": stated(MONEY),
    "contributions": [
        {"funder": NAMED, "instrument": stated(CODED), "amount": stated(str), "currency": stated(str)},
    ],
    "unattributed": stated(MONEY),
    "organisations": [{**NAMED, "role": str, "role_as_stated": stated(str), "component": stated(int)}],
    "components": [{"number": int, "title": str}],
    "objectives": [str], "part_of?": stated(TITLED), "claims": [CLAIM], "modified": str,
}  # fmt: skip
ORGANISATION = {
    "slug": str, "url": str, "name": str, "acronym": stated(str), "aliases": [str], "kind": stated(CODED),
    "country": stated(CODED), "identifier": stated(str), "other_identifiers?": [str], "claims": [CLAIM],
    "modified": str,
}  # fmt: skip
THEME = {"slug": str, "name": str, "modified": str}


def projects(slugs):
    """Return ``{slug: document}``, in nine queries however many projects there are."""
    parts = {
        "countries": _linked(Project.countries, slugs, "country_id", "country__name"),
        "partnerships": _linked(
            Project.partnerships, slugs, "partnership_id", "partnership__name", "partnership__kind"
        ),
        "themes": _linked(Project.themes, slugs, "theme_id", "theme__name"),
        "contributions": _parts(
            Contribution, slugs, "funder_id", "funder__name", "instrument_id", "instrument__name",
            "instrument__kind", "amount", "currency",
        ),
        "organisations": _parts(
            Participation, slugs, "organisation_id", "organisation__name", "role", "role_as_stated",
            "component__number", "component__project_id",
        ),
        "components": _parts(Component, slugs, "number", "title"),
    }  # fmt: skip
    claimed = claims(Project, slugs)
    return {
        row["slug"]: project_document(
            row,
            claims=claimed.get(row["slug"], []),
            **{name: part.get(row["slug"], []) for name, part in parts.items()},
        )
        for row in Project.objects.filter(pk__in=slugs).values(*_ROW)
    }


def project_document(row, *, countries, partnerships, themes, contributions, organisations, components, claims):
    """Return the document of one project from its row (a dict) and the rows of its parts (sequences)."""
    budget = money_member(row["budget_amount"], row["budget_currency"])
    return {
        "slug": row["slug"],
        "url": Project.path_of(row["slug"]),
        "title": row["title"],
        "acronym": row["acronym"] or None,
        "summary": row["summary"] or None,
        "countries": [{"code": code, "name": name} for code, name in countries],
        "partnerships": [{"slug": slug, "name": name, "kind": kind} for slug, name, kind in partnerships],
        "themes": [{"slug": slug, "name": name} for slug, name in themes],
        "status": row["status"] or None,
        "status_as_of": row["status_as_of"] and row["status_as_of"].value,
        "start_date": date_member(row["start_date"], row["start_date_planned"]),
        "end_date": date_member(row["end_date"], row["end_date_planned"]),
        "budget": budget,
        "contributions": [_contribution(*part) for part in contributions],
        "unattributed": unattributed(row, contributions),
        "organisations": [_organisation(row["slug"], *part) for part in organisations],
        "components": [{"number": number, "title": title} for number, title in components],
        "objectives": row["objectives"],
        **_part_of(row),
        "claims": claims,
    }


def _part_of(row):
    """What it is part of; no member where it is no part."""
    slug, title = row.get("part_of_id"), row.get("part_of__title")
    if slug and title is None:
        raise ValidationError(f"The register has no project “{slug}” that it could be part of.")
    return {"part_of": {"slug": slug, "title": title}} if slug else {}


def read_project(document):
    """Return the Rows that ``projects`` builds ``document`` from. WrongShape if it is none of its."""
    check(document, PROJECT)
    budget = document["budget"] or {}
    row = Project(
        **{name: document[name] for name in ("slug", "title", "objectives", "status_as_of")},
        **{name: document[name] or "" for name in ("acronym", "summary", "status")},
        **date_columns("start_date", document["start_date"]),
        **date_columns("end_date", document["end_date"]),
        budget_amount=budget.get("amount"),
        budget_currency=budget.get("currency", ""),
        part_of_id=key_of(document.get("part_of")),
    )
    links = {name: keys_of(document[name]) for name in ("countries", "partnerships", "themes")}
    return Rows(row, links, _read_parts(row, document), document["claims"])


def _read_parts(row, document):
    """Return the parts of ``row``: its components, then contributions and participations, which may name one."""
    listed = [Component(project=row, **part) for part in document["components"]]
    components = {component.number: component for component in listed}
    contributions = [
        Contribution(
            project=row,
            funder_id=key_of(part["funder"]),
            instrument_id=key_of(part["instrument"]),
            amount=part["amount"],
            currency=part["currency"] or "",
        )
        for part in document["contributions"]
    ]
    participations = [
        Participation(
            project=row,
            organisation_id=part["slug"],
            role=part["role"],
            role_as_stated=part["role_as_stated"] or "",
            component=components.get(part["component"]),
        )
        for part in document["organisations"]
    ]
    return [listed, contributions, participations]


def organisations(keys):
    """Return ``{slug: document}``."""
    claimed = claims(Organisation, keys)
    return {
        row.slug: {
            "slug": row.slug,
            "url": row.get_absolute_url(),
            "name": row.name,
            "acronym": row.acronym or None,
            "aliases": row.aliases,
            "kind": {"code": row.kind, "name": row.get_kind_display()} if row.kind else None,
            "country": row.country and {"code": row.country.code, "name": row.country.name},
            "identifier": row.identifier,
            **({"other_identifiers": row.other_identifiers} if row.other_identifiers else {}),
            "claims": claimed.get(row.slug, []),
        }
        for row in Organisation.objects.filter(pk__in=keys).select_related("country")
    }


def read_organisation(document):
    """Return the Rows that ``organisations`` builds ``document`` from. WrongShape if it is none of its."""
    check(document, ORGANISATION)
    row = Organisation(
        **{name: document[name] for name in ("slug", "name", "aliases", "identifier")},
        other_identifiers=document.get("other_identifiers", []),
        acronym=document["acronym"] or "",
        kind=key_of(document["kind"]) or "",
        country_id=key_of(document["country"]),
    )
    return Rows(row, claims=document["claims"])


def themes(keys):
    """Return ``{slug: document}``."""
    return {row.slug: {"slug": row.slug, "name": row.name} for row in Theme.objects.filter(pk__in=keys)}


def read_theme(document):
    """Return the Rows that ``themes`` builds ``document`` from. WrongShape if it is none of its."""
    check(document, THEME)
    return Rows(Theme(slug=document["slug"], name=document["name"]))


def _linked(relation, slugs, *columns):
    rows = relation.through.objects.filter(project__in=slugs).order_by(columns[0])
    return grouped(rows.values_list("project_id", *columns))


def _parts(model, slugs, *columns):
    return grouped(model.objects.filter(project__in=slugs).values_list("project_id", *columns))


def demand_funder(instrument, kind, funder, name):
    """ValidationError if the EU instrument ``instrument`` is said to have another funder than the EU."""
    if kind == Instrument.Kind.EU and funder != EUROPEAN_UNION:
        raise ValidationError(f"{instrument} is an EU instrument, so its funder is the European Union, not “{name}”.")


def _contribution(funder, funder_name, instrument, instrument_name, instrument_kind, amount, currency):
    demand_funder(instrument, instrument_kind, funder, funder_name)
    return {
        "funder": {"slug": funder, "name": funder_name},
        "instrument": instrument and {"code": instrument, "name": instrument_name},
        "amount": None if amount is None else f"{amount:.2f}",
        "currency": currency or None,
    }


def _organisation(project, slug, name, role, role_as_stated, component, component_project):
    if component is not None and component_project != project:
        raise ValidationError(f"“{name}” is named in “{project}” with a component of another project.")
    return {
        "slug": slug,
        "name": name,
        "role": role,
        "role_as_stated": role_as_stated or None,
        "component": component,
    }


def unattributed(row, contributions):
    """The total less the stated parts; None where no total is stated, nothing is left, or a part is
    stated in another currency, so that nobody can say what is left."""
    if row["budget_amount"] is None:
        return None
    stated = [(amount, currency) for *_, amount, currency in contributions if amount is not None]
    left = row["budget_amount"] - sum((amount for amount, _ in stated), Decimal(0))
    if left <= 0 or any(currency != row["budget_currency"] for _, currency in stated):
        return None
    return money_member(left, row["budget_currency"])
