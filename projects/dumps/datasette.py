"""What Datasette (https://datasette.io) tells of register.sqlite: ``datasette register.sqlite -m metadata.json``."""

from django.conf import settings

from ..exports.about import REGISTER, is_address
from .descriptor import DESCRIPTION

_DATES = "As precise as its source: 2010, 2009-02 or 2009-02-01; the days that it may mean stand beside it."
_SUM = "Exact, as decimal text; beside it in hundredths, to be summed. Never add currencies. Blank is not stated."
TABLES = {  # table: (what it holds, what its columns mean)
    "register": ("Of which version of the register this is.", {}),
    "source": ("Texts that state something.", {"date": _DATES}),
    "claim": (
        "What a source states of one member of a record, in its own words; a claim is about one record.",
        {
            "field": "The member that is stated.",
            "as_stated": "The value in the source's own characters.",
            "quote": "The sentence, word for word; […] where words are left out.",
            "set_aside": "Why the register does not adopt this value; blank: it does.",
            "place": "Where in the source it stands; blank: not told.",
        },
    ),
    "country": ("Countries.", {}),
    "instrument": ("Sources of money.", {}),
    "partnership": ("Agreements between the EU and partner countries.", {}),
    "organisation": ("Bodies and states.", {"kind": "Of IATI's codelist OrganisationType."}),
    "other_identifier": ("Identifiers under which sources name organisations besides.", {}),
    "alias": ("Other and former names of organisations.", {}),
    "theme": ("The register's own index words.", {}),
    "project": (
        "Projects. Blank is “not stated”, which is not zero.",
        {
            "status": "As the source says.",
            "start_date": _DATES,
            "end_date": _DATES,
            "budget": f"Stated total. {_SUM}",
            "part_of": "The larger project that it is part of, as a contract is of a decision.",
            "unattributed": f"The total less the stated contributions. {_SUM}",
        },
    ),
    "contribution": ("What one funder gives, under one instrument where that is named.", {"amount": _SUM}),
    "participation": ("Roles of organisations in projects.", {"role_as_stated": "The source's own word."}),
    "component": ("Numbered parts of a project's work.", {}),
    "objective": ("Aims of projects, in the source's own words.", {}),
}


def metadata(register):
    """Return the metadata, as JSON can hold it."""
    tables = {
        name: {"description": about} | ({"columns": columns} if columns else {})
        for name, (about, columns) in TABLES.items()
    }
    said = {
        "title": settings.HEADER_NAME or REGISTER,
        "description": DESCRIPTION,
        "source": f"Version {register.number} of the register",
        "source_url": f"{register.site}/data/",
    }
    if licence := settings.LICENCE:
        said |= {"license": licence} | ({"license_url": licence} if is_address(licence) else {})
    return said | {"databases": {"register": {"tables": tables}}}
