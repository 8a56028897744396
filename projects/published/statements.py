"""What sources state of a record: its claims by member, and the texts that they come from. For pages."""

from collections import Counter
from dataclasses import dataclass, field

from django.utils.translation import gettext_lazy as _

from provenance.documents.claims import is_adopted
from provenance.documents.quotes import sentence_id
from provenance.models import Source
from provenance.store.build import upgrade

from ..models import Project
from ..models.querysets import GAPS

OF_ITEMS = {  # what a source may leave open of the items of a member
    "contributions": {"amounts": _("amount of each contribution"), "instrument": _("instrument")},
    "organisations": {"lead": _("who leads it"), "implementer": _("who implements it")},
}
LABELS = {  # of what a source may state of a project, and often does not
    name: label
    for member in Project.members
    for name, label in ({member.name: member.missing} | OF_ITEMS.get(member.name, {})).items()
    if label
}
LANGUAGE = "en"  # of a quote whose source does not say in what language it is written


@dataclass
class Statements:
    """The claims on one member of a record, in their order."""

    claims: list = field(default_factory=list)

    @property
    def adopted(self):
        """Those whose value the record holds. Without one, its value has no source."""
        return adopted(self.claims)

    @property
    def disagree(self):
        return len(self.adopted) < len(self.claims)


def adopted(claims):
    """Return the claims whose value the register adopts: only these are told as what its record says."""
    return [claim for claim in claims if is_adopted(claim)]


def statements(claims, sources=None, addresses=None):
    """Return ``({member: Statements}, [source])`` of a document's claims, in one query.

    ``sources``: a queryset of those that are shown; if not given, the published ones. ``addresses``: those of their
    pages, by slug (see ``sentences.addresses``).

    A source is its document with ``number``, its place in the list, ``count``, how many claims it is the source of,
    and ``page``, its address. Each claim is told its ``language``, else that of its source, and the ``address`` of its
    sentence.
    """
    addresses = addresses or {}
    counts = Counter(claim["source"]["slug"] for claim in claims)
    rows = Source.objects.published() if sources is None else sources
    texts = rows.filter(pk__in=counts).values_list("revision__document", flat=True)
    found = {source["slug"]: source for source in (upgrade(Source, text) for text in texts)}
    sources = [
        {**found[slug], "number": number, "count": counts[slug], "page": addresses.get(slug)}
        for number, slug in enumerate((slug for slug in counts if slug in found), start=1)
    ]
    said = {}
    for claim in claims:
        slug = claim["source"]["slug"]
        more = {"language": claim["language"] or found.get(slug, {}).get("language") or LANGUAGE}
        if slug in addresses:
            more["address"] = f"{addresses[slug]}#{sentence_id(claim['quote'])}"
        said.setdefault(claim["field"], Statements()).claims.append(claim | more)
    return said, sources


def not_stated(project):
    """Return ``[{"label", "gap"}]``: what no source states of a project's document.

    ``gap``: the value of the filter ``not_stated`` that finds all projects which lack it; empty if it has none.
    """
    roles = {member["role"] for member in project["organisations"]}
    parts = project["contributions"]
    stated = project | {
        "instrument": any(part["instrument"] for part in parts),
        "amounts": all(part["amount"] for part in parts),
        "lead": "lead" in roles,
        "implementer": "implementer" in roles,
    }
    return [
        {"label": label, "gap": member if member in GAPS else ""}
        for member, label in LABELS.items()
        if not stated[member]
    ]
