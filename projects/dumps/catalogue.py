"""The catalogue of all data in DCAT-AP 3 (https://semiceu.github.io/DCAT-AP/), for data portals to harvest.

It is made as JSON-LD with its own context, from which Turtle follows. What an installation does not set, such as a
licence, is left out.
"""

import re
from pathlib import Path

import orjson
from babel.core import get_global
from django.conf import settings

from instruments.models import Country
from provenance.models import Revision
from provenance.store.build import iso_seconds

from ..exports.about import REGISTER, is_address
from ..exports.formats import OFFERED, Format, offered
from ..iati.reasons import any_in_iati
from ..index.follower import current_register
from ..published.schema_org import without_unstated
from ..published.views import identity
from .descriptor import DESCRIPTION
from .folder import PublicFile

AUTHORITY = "http://publications.europa.eu/resource/authority"
MEDIA = "https://www.iana.org/assignments/media-types"
FILE_TYPES = {"atom", "csv", "json", "txt", "xlsx", "xml"}  # suffixes in the EU's list, where they are in capitals
CONSTANT = orjson.loads(Path(__file__).with_suffix(".json").read_bytes())  # what all catalogues of registers say
_COUNTRY = "(?!BUR|DDR|FXX|TMP|YMD|ZAR)[A-Z]{3}"  # ISO 3166-1 alpha-3, without withdrawn codes


FORMS = (Format("ttl", "Turtle", "text/turtle", ""), Format("jsonld", "JSON-LD", "application/ld+json", ""))


def written(document, form):
    """Return a catalogue as bytes."""
    if form.suffix == "jsonld":
        return orjson.dumps(document, option=orjson.OPT_INDENT_2)
    from rdflib import Graph  # slow to import, and only needed here
    from rdflib.plugins.parsers.jsonld import to_rdf

    graph = Graph(bind_namespaces="none")
    to_rdf(document, graph)
    return graph.serialize(format="turtle", encoding="utf-8")


def catalogue(dumps, version, site):
    """Return the catalogue as JSON-LD; ``site``: the site's address without a final slash, for links.

    An ``@id`` does not depend on the host.
    """
    name = settings.HEADER_NAME or REGISTER
    publisher = {"@id": identity("/#publisher"), "@type": "foaf:Agent", "foaf:name": english(name)}
    dataset, service = identity("/data/#dataset"), identity("/api/v1/#service")
    shared = CONSTANT["shared"] | {
        "dct:publisher": {"@id": publisher["@id"]},
        "dct:modified": version.at and moment(version.at),
    }
    about = {"dct:title": english(name), "dct:description": english(DESCRIPTION), "dct:spatial": places()}
    first = Revision.objects.public().order_by("pk").values_list("at", flat=True).first()
    return {
        "@context": CONSTANT["@context"],
        "@graph": [
            publisher,
            without_unstated({
                "@id": identity("/data/catalog"), **CONSTANT["catalog"], **about, **shared,
                "dct:license": licence(), "foaf:homepage": typed(f"{site}/", "foaf:Document"),
                "dcat:dataset": {"@id": dataset}, "dcat:service": {"@id": service},
            }),
            without_unstated({
                "@id": dataset, "dct:identifier": dataset, **CONSTANT["dataset"], **about, **shared,
                "dct:issued": first and moment(first),
                "dcat:version": str(version.number),
                "dcat:contactPoint": settings.CONTACT_EMAIL and {
                    "@type": "vcard:Kind", "vcard:fn": english(name),
                    "vcard:hasEmail": {"@id": f"mailto:{settings.CONTACT_EMAIL}"},
                },
                "dcat:landingPage": typed(f"{site}/data/", "foaf:Document"),
                "dcat:distribution": [distribution(file, site) for file in public_files(dumps)],
            }),
            without_unstated({
                "@id": service, "@type": "dcat:DataService", "dct:title": english(f"{name}: API"), **shared,
                "dcat:endpointURL": {"@id": f"{site}/api/v1/"},
                "dcat:endpointDescription": {"@id": f"{site}/api/v1/schema/"},
                "dcat:servesDataset": {"@id": dataset}, "dct:license": licence(),
                "foaf:page": typed(f"{site}/api/v1/docs/", "foaf:Document"),
            }),
        ],
    }  # fmt: skip


def public_files(dumps):
    """Return the PublicFiles of current data, and those of dumps."""
    in_iati = any_in_iati(current_register().projects)
    current = [
        PublicFile(f"/{name}.{form.suffix}", "", form.bare_type) for name in OFFERED for form in offered(name, in_iati)
    ]
    return [*current, *(file for dump in dumps for file in dump.files.values())]


def distribution(file, site):
    """Return the distribution of a PublicFile."""
    address, (_name, point, suffix) = f"{site}{file.url}", file.name.rpartition(".")
    version = f"of version {file.path.parent.name}" if file.path else "as the register is now"
    return without_unstated({
        "@id": identity(f"{file.url}#distribution"),
        "@type": "dcat:Distribution",
        "dct:title": english(f"{file.name} {version}"),
        "dcat:accessURL": {"@id": address},
        "dcat:downloadURL": {"@id": address},
        # Media types that IANA has not registered have no address there.
        "dcat:mediaType": None if "/x-" in file.media_type else typed(f"{MEDIA}/{file.media_type}", "dct:MediaType"),
        "dct:format": file_format(suffix if point else "txt"),
        "dct:license": licence(),
        "dct:issued": file.at and moment(file.at),
        "dcat:byteSize": file.path and {"@type": "xsd:nonNegativeInteger", "@value": str(file.size)},
        "spdx:checksum": file.path and {
            "@type": "spdx:Checksum",
            "spdx:algorithm": typed("spdx:checksumAlgorithm_sha256", "spdx:ChecksumAlgorithm"),
            "spdx:checksumValue": {"@type": "xsd:hexBinary", "@value": file.sha256},
        },
    })  # fmt: skip


def file_format(suffix):
    """Return the format of a file from the EU's list, else only its name."""
    known = {"@id": f"{AUTHORITY}/file-type/{suffix.upper()}"} if suffix in FILE_TYPES else {}
    return known | {"@type": "dct:MediaTypeOrExtent", "rdfs:label": english(suffix.upper())}


def places():
    """Return the register's countries as in the EU's authority table, which uses three-letter codes."""
    aliases = get_global("territory_aliases").items()
    letters = {two[0]: code for code, two in aliases if len(two) == 1 and re.fullmatch(_COUNTRY, code)}
    codes = Country.objects.published().order_by("pk").values_list("pk", flat=True)
    return [typed(f"{AUTHORITY}/country/{letters[code]}", "dct:Location") for code in codes if code in letters]


def licence():
    """Return the licence if it is an address: DCAT cannot refer to a mere name."""
    return typed(settings.LICENCE, "dct:LicenseDocument") if is_address(settings.LICENCE) else None


def english(text):
    return {"@language": "en", "@value": str(text)}


def typed(address, kind):
    return {"@id": address, "@type": kind}


def moment(at):
    return {"@type": "xsd:dateTime", "@value": iso_seconds(at)}
