"""The metadata of a file: its query, the version of the register, how to read it, and its sums."""

from pathlib import Path

import orjson
from django.conf import settings
from django.utils.text import capfirst
from django.utils.translation import gettext

from provenance.store.build import iso_seconds

from ..index import figures
from ..models import Project
from ..words.phrases import coverage_in_words

REGISTER = "Eastern Partnership migration funding register"
TEXTS = orjson.loads(Path(__file__).with_suffix(".json").read_bytes())  # how to read a file
SUMS = {"contributions": "Contributions of the chosen funders and instruments", "amounts": "Total budgets"}


def register_name():
    """Return the name of the site, or of the register in the language of the page."""
    return settings.HEADER_NAME or gettext(REGISTER)


def is_address(licence):
    """Whether a licence is given as a web address, not as a name."""
    return licence.startswith(("http://", "https://"))


def about(filterset, rows, request):
    """Return the metadata of a file of ``rows``, which match ``filterset``, for JSON.

    It depends on the register's version and the query only, not on the host or the day.
    BadQuery if a parameter is not valid, Http404 past the last page.
    """
    asked, version = filterset.asked, filterset.register.version
    is_of_projects = filterset.model is Project
    figure = figures.totals(rows, filterset.contributing) if is_of_projects else {"projects": rows.count()}
    metadata = {
        "title": capfirst(filterset.in_words()),
        "register": REGISTER,
        "address": address_of(request.path, filterset.data),
        "version": version.number,
        "head": version.head,
        "at": version.at and iso_seconds(version.at),
        "count": figure["projects"],
        "licence": settings.LICENCE or None,
        "blanks": TEXTS["blanks"],
    }
    if asked.get("fields"):
        metadata["fields"] = list(asked["fields"])
    if filterset.is_paged:
        page, _window = filterset.window(figure["projects"])
        metadata |= {"page": page.number, "page_size": page.paginator.per_page}
        metadata["title"] += f", page {page.number} of {page.paginator.num_pages}"
    if is_of_projects:
        metadata |= {"dates": TEXTS["dates"]} | _covered(figure, "amounts", "counted_in_parent")
    if "contributions" in figure:
        metadata |= _covered(figure, "contributions", "contributions_counted_in_parent")
    return metadata


def _covered(figure, name, left_out):
    more = TEXTS[name]["left_out"].format(number=figure[left_out]) if left_out in figure else ""
    return {name: figure[name], f"{name}_cover": TEXTS[name]["cover"] + more}


def sums_of(metadata):
    """Yield (label, sums in words, how to read them) from the metadata of a file of projects."""
    count = metadata["count"]
    for name, label in SUMS.items():
        if name in metadata:
            sums = [
                f"{each['currency']} {each['amount']}, {coverage_in_words(each['stated_for'], count)}"
                for each in metadata[name]
            ]
            yield label, sums or [f"known for none of {count} projects"], metadata[f"{name}_cover"]


def address_of(path, query):
    """Return an address without its host."""
    return path + (f"?{query.urlencode()}" if query else "")
