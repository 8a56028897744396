"""The claims of a record by member, with their sources, for pages."""

from collections import Counter
from dataclasses import dataclass, field
from operator import itemgetter

from django.db.models import Exists, OuterRef

from provenance.documents.claims import is_adopted
from provenance.models import Edition, Source
from provenance.store.build import upgrade

from ..models.project import GAPS, LABELS, what_is_stated

LANGUAGE = "en"  # of quotes whose source has no language
_SHOWN = Edition.objects.filter(source__text_shown=Source.TextShown.TEXT).exclude(text="")
_IS_WHOLE = Exists(_SHOWN.filter(source=OuterRef("pk"), digest=OuterRef("edition")))  # see ``editions.public_text``


@dataclass
class Statements:
    """The claims on one member of a record, in order."""

    member: str
    claims: list = field(default_factory=list)

    @property
    def numbered(self):
        """One claim for each sentence, in the order of their numbers (see ``sentences.quoted``)."""
        return sorted({claim["number"]: claim for claim in self.claims}.values(), key=itemgetter("number"))

    @property
    def adopted(self):
        return adopted(self.claims)

    @property
    def disagree(self):
        return len(self.adopted) < len(self.claims)


def adopted(claims):
    """Return the claims whose values the register adopts."""
    return [claim for claim in claims if is_adopted(claim)]


def statements(claims, sources=None, addresses=None):
    """Return ``({member: Statements}, [source])`` of a document's claims, in one query.

    ``sources``: a queryset of those to show; by default the published ones. ``addresses``: of their pages, by slug (see
    ``sentences.addresses``). A source is a document with its ``number`` in the list, the ``count`` of its claims, the
    address of its ``page``, and ``is_whole``: whether its text is shown there. A claim gets the ``language`` of its
    source, if it has none.
    """
    addresses = addresses or {}
    counts = Counter(claim["source"]["slug"] for claim in claims)
    rows = Source.objects.published() if sources is None else sources
    published = {}
    for text, is_whole in rows.filter(pk__in=counts).values_list("revision__document", _IS_WHOLE):
        source = upgrade(Source, text)
        published[source["slug"]] = source | {"is_whole": is_whole}
    sources = [
        {**published[slug], "number": number, "count": counts[slug], "page": addresses.get(slug)}
        for number, slug in enumerate((slug for slug in counts if slug in published), start=1)
    ]
    by_member = {}
    for claim in claims:
        slug = claim["source"]["slug"]
        more = {"language": claim["language"] or published.get(slug, {}).get("language") or LANGUAGE}
        by_member.setdefault(claim["field"], Statements(claim["field"])).claims.append(claim | more)
    return by_member, sources


def not_stated(project):
    """Return ``[{"member", "label", "gap"}]``: what is missing from a project's document.

    ``gap``: the value of the filter ``not_stated`` for it; "" if there is none.
    """
    known = what_is_stated(project)
    return [
        {"member": member, "label": label, "gap": member if member in GAPS else ""}
        for member, label in LABELS.items()
        if not known[member]
    ]
