"""Documents as schema.org JSON-LD, for search engines, with nothing that no source states."""

import orjson
from django.utils.safestring import SafeString

from instruments.models import Country
from provenance.documents.declaration import further_names

from ..models import Organisation, Project
from .statements import adopted
from .views import KINDS, site_of

# Characters that could end a script element or a line of script, as JSON escapes.
_ESCAPES = str.maketrans({"<": "\\u003c", ">": "\\u003e", "&": "\\u0026", "\u2028": "\\u2028", "\u2029": "\\u2029"})


def linked_data_of(document, request):
    """Return a document for ``<script type="application/ld+json">``; None if schema.org has no type for it."""
    graph = graph_of(document, site_of(request))
    return graph and as_script(graph)


def as_script(graph):
    """Return schema.org nodes as a safe string for ``<script type="application/ld+json">``."""
    return SafeString(orjson.dumps({"@context": "https://schema.org", "@graph": graph}).decode().translate(_ESCAPES))


def graph_of(document, base_url):
    """Return the nodes of a document; ``[]`` for kinds without a type."""
    model = KINDS[document["url"].split("/")[1]]
    if model is Project:
        return project_graph(document, base_url)
    if model is Country:
        more = {"identifier": document["code"]}
    elif model is Organisation:
        country = document["country"]
        address = country and {"@type": "PostalAddress", "addressCountry": country["code"]}
        more = {"identifier": document["identifier"], "address": address}
    else:
        return []
    return [without_unstated(_thing(model, document, base_url) | more)]


def project_graph(project, base_url):
    """Return a Project and a MonetaryGrant for each contribution, with its amount if known.

    Dates are left out, because schema.org's are more precise than those of sources.
    """
    whole = project["part_of"]  # a schema.org Project is a kind of Organization
    sources = dict.fromkeys(claim["source"]["title"] for claim in adopted(project["claims"]))
    node = {
        **_thing(Project, project, base_url),
        "description": project["summary"],
        "areaServed": [
            {"@type": "Country", "@id": f"{base_url}{Country.path_of(country['code'])}", "name": country["name"],
             "identifier": country["code"]}
            for country in project["countries"]
        ],
        "subjectOf": [{"@type": "CreativeWork", "name": title} for title in sources],
        "parentOrganization": whole and {
            "@type": "Project", "@id": f"{base_url}{Project.path_of(whole['slug'])}", "name": whole["title"],
        },
    }  # fmt: skip
    grants = [
        _grant(part, f"{node['@id']}#contribution-{number}", node["@id"], base_url)
        for number, part in enumerate(project["contributions"], 1)
    ]
    return [without_unstated({**node, "funding": [{"@id": grant["@id"]} for grant in grants]}), *grants]


def _thing(model, document, base_url):
    kinds, address = {Organisation: "Organization"}, base_url + document["url"]
    return {
        "@type": kinds.get(model, model.__name__), "@id": address, "url": address,
        "name": document.get("title") or document["name"], "alternateName": further_names(model, document),
    }  # fmt: skip


def _grant(part, address, project, base_url):
    funder, instrument = part["funder"], part["instrument"]
    return without_unstated({
        "@type": "MonetaryGrant",
        "@id": address,
        "name": instrument and f"{instrument['name']} ({instrument['code']})",
        "funder": {
            "@type": "Organization",
            "@id": f"{base_url}/organisations/{funder['slug']}/",
            "name": funder["name"],
        },
        "fundedItem": {"@id": project},
        "amount": part["amount"] and {
            "@type": "MonetaryAmount", "currency": part["currency"], "value": part["amount"],
        },
    })  # fmt: skip


def without_unstated(node):
    """Return ``node`` without what is not stated."""
    return {name: value for name, value in node.items() if value}
