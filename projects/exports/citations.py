"""A project as an entry of a bibliography: BibTeX, RIS and CSL-JSON."""

import orjson
from django.conf import settings
from django.http import HttpResponse
from django.views import View

from provenance.models import Source
from provenance.models.revision import iso_milliseconds
from provenance.store.build import upgrade

from ..published.views import PublishedRecord, site_of
from .about import REGISTER

_IN_BIBTEX = str.maketrans(
    {each: rf"\{each}" for each in "%&#$_"}
    | {"{": r"\textbraceleft{}", "}": r"\textbraceright{}", "\\": r"\textbackslash{}"}  # BibTeX counts braces
    | {"^": r"\textasciicircum{}", "~": r"\textasciitilde{}"}
)


def citation(project, register, base_url):
    """Return the citation of a project's document at the version of a Register, as an entry in CSL-JSON.

    Its URL, below ``base_url``, always gives the same answer. ``note`` names the sources and the day on which each was
    read.
    """
    version = register.version
    day = version.at.date()
    slugs = dict.fromkeys(claim["source"]["slug"] for claim in project["claims"])
    sources = [upgrade(Source, text) for slug in slugs if (text := register.document(Source, slug))]
    return {
        "id": f"{project['slug']}-{version.number}",
        "type": "dataset",
        "title": _line(project["title"]),
        "publisher": _line(settings.PUBLISHER_NAME),
        "container-title": _line(settings.HEADER_NAME or REGISTER),
        "issued": {"date-parts": [[day.year, day.month, day.day]]},
        "version": f"{version.number}, seal {version.head}",
        "URL": f"{base_url}{project['url']}?as_of={iso_milliseconds(version.at)}",
        "note": "; ".join(
            _line(f"Source: {source['title']}" + (f", read on {source['read_date']}" if source["read_date"] else ""))
            for source in sources
        ),
    }


def _line(text):
    return " ".join(str(text).split())


def bibtex(entry):
    fields = _fields(entry, "title", "publisher", "series", "version", "url", "note")
    year, month, day = entry["issued"]["date-parts"][0]
    fields |= {"year": f"{year}", "date": f"{year}-{month:02}-{day:02}"}
    # Addresses need no escaping: they have none of the characters that BibTeX misreads in braces.
    lines = [f"  {name} = {{{text if name == 'url' else text.translate(_IN_BIBTEX)}}}" for name, text in fields.items()]
    return f"@dataset{{{entry['id']},\n" + ",\n".join(lines) + "\n}\n"


def ris(entry):
    year, month, day = entry["issued"]["date-parts"][0]
    fields = {"TY": "DATA", **_fields(entry, "TI", "PB", "T2", "ET", "UR", "N1")}
    fields |= {"PY": f"{year}", "DA": f"{year}/{month:02}/{day:02}"}
    return "".join(f"{name}  - {text}\r\n" for name, text in fields.items()) + "ER  - \r\n"


def csl_json(entry):
    return orjson.dumps([{name: part for name, part in entry.items() if part}])


def _fields(entry, *names):
    members = ("title", "publisher", "container-title", "version", "URL", "note")
    return {name: entry[member] for name, member in zip(names, members, strict=True) if entry[member]}


FORMATS = {
    "bib": ("BibTeX", "application/x-bibtex; charset=utf-8", bibtex),
    "ris": ("RIS", "application/x-research-info-systems; charset=utf-8", ris),
    "csl.json": ("CSL-JSON", "application/vnd.citationstyles.csl+json", csl_json),
}


class CitationFile(PublishedRecord, View):
    """The citation of a project in one of FORMATS."""

    suffix = ""

    def get(self, request, key):
        project = self.record(key)
        _label, media_type, written = FORMATS[self.suffix]
        entry = citation(project, self.filterset.register, site_of(request))
        name = f"{entry['id']}.{self.suffix}"
        headers = {"Content-Disposition": f'attachment; filename="{name}"'}
        return HttpResponse(written(entry), content_type=media_type, headers=headers)
