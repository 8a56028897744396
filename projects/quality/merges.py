"""How projects and organisations are merged (see ``provenance.workflow.merges``)."""

from provenance.documents.claims import Status, is_adopted
from provenance.documents.declaration import key_of
from provenance.workflow.merges import CannotMerge, MergeRules

from ..models import Organisation, Project

NOT_ANY_MORE = {
    "status": Status.SET_ASIDE.value, "set_aside": "Not any more: it was merged with what it was part of.",
}  # fmt: skip


def prepare_project(kept, merged):
    """Return both projects, neither part of the other, with the components of ``merged`` renumbered.

    They come after those of ``kept``; one with the same number and title in both is the same component.
    """
    there = {component["number"]: component["title"] for component in kept["components"]}
    numbers = {
        part["number"]: part["number"] + (0 if there.get(part["number"]) == part["title"] else max(there, default=0))
        for part in merged["components"]
    }
    components = [part | {"number": numbers[part["number"]]} for part in merged["components"]]
    organisations = [part | {"component": numbers.get(part["component"])} for part in merged["organisations"]]
    renumbered = {**merged, "components": components, "organisations": organisations}
    return _without_part_of(kept, merged["slug"]), _without_part_of(renumbered, kept["slug"])


def rename_project(project, old, new):
    """Return the document of a project that was part of ``old``, as part of ``new``."""
    return _without_part_of({**project, "part_of": {**project["part_of"], "slug": new}}, project["slug"])


def _without_part_of(document, key):
    """Return ``document``, no longer part of ``key``, with claims to that set aside."""
    if key_of(document["part_of"]) != key:
        return document
    claims = [
        claim | NOT_ANY_MORE if claim["field"] == "part_of" and is_adopted(claim) else claim
        for claim in document["claims"]
    ]
    return {**document, "part_of": None, "claims": claims}


def unite_organisations(document, kept, merged):
    """Return ``document`` with all names and identifiers of both."""
    names = [*document["aliases"], *Organisation.names_of(kept), *Organisation.names_of(merged)]
    shown = Organisation.names_of({**document, "aliases": []})
    own = [each["identifier"] for each in (kept, merged) if each["identifier"]]
    identifiers = [*own, *kept["other_identifiers"], *merged["other_identifiers"]]
    others = [text for text in dict.fromkeys(identifiers) if text != document["identifier"]]
    return {
        **document,
        "aliases": [name for name in dict.fromkeys(names) if name not in shown],
        "other_identifiers": others,
    }


def rename_organisation(project, old, new):
    """Return the document of a project with the organisation ``new`` in place of ``old``.

    Roles and contributions of both are joined. CannotMerge if both contribute an amount, which may be one sum or two.
    """
    roles = {}
    for member in project["organisations"]:
        member = member | {"slug": new} if member["slug"] == old else member
        name = member["slug"], member["role"], member["component"]
        as_stated = roles.get(name, {}).get("role_as_stated")
        roles[name] = member | ({"role_as_stated": as_stated} if as_stated else {})
    parts = {}
    for part in project["contributions"]:
        part = part | {"funder": part["funder"] | {"slug": new}} if part["funder"]["slug"] == old else part
        name = part["funder"]["slug"], (part["instrument"] or {}).get("code")
        there = parts.setdefault(name, part)
        if there is part or part["amount"] is None:
            continue
        if there["amount"] is not None:
            raise CannotMerge(
                f"“{project['slug']}” has a contribution from each of them, with an amount. First decide there whether"
                " this is one amount or two."
            )
        parts[name] = part
    return {**project, "organisations": list(roles.values()), "contributions": list(parts.values())}


MERGE_RULES = {
    Project: MergeRules(prepare_project, rename=rename_project),
    Organisation: MergeRules(unite=unite_organisations, rename=rename_organisation),
}
