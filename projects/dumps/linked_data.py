"""The page of all data as a schema.org Dataset, for search engines."""

from django.conf import settings

from provenance.documents import stamp

from ..exports.about import REGISTER
from ..linked_data import as_script
from .descriptor import DESCRIPTION
from .offers import offers


def dataset_of_page(dumps, request):
    """Return the Dataset as a safe string, to stand in ``<script type="application/ld+json">``."""
    site = request.build_absolute_uri("/").rstrip("/")
    at = request.register_version.at
    node = {
        "@type": "Dataset",
        "@id": f"{site}/data/",
        "url": f"{site}/data/",
        "name": settings.HEADER_NAME or REGISTER,
        "description": DESCRIPTION,
        "license": settings.LICENCE,
        "version": str(request.register_version.number),
        "dateModified": at and stamp(at),
        "inLanguage": "en",
        "isAccessibleForFree": True,
        "publisher": settings.HEADER_NAME and {"@type": "Organization", "name": settings.HEADER_NAME},
        "distribution": [
            *({**_download(f"{site}{each.url}", each.media_type), "name": each.url[1:]} for each in offers(at)),
            *(
                {
                    **_download(f"{site}{dump.url}{file.name}", file.media_type),
                    "name": file.title or file.name, "contentSize": f"{file.size} B", "sha256": file.sha256,
                }
                for dump in dumps[:1]
                for file in dump.files.values()
            ),
        ],
    }  # fmt: skip
    return as_script([{name: value for name, value in node.items() if value}])


def _download(address, media_type):
    return {"@type": "DataDownload", "contentUrl": address, "encodingFormat": media_type}
