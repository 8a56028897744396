"""The Data Package descriptor (https://datapackage.org, version 2) of files of the register."""

from provenance.digests import exact

NAME = "eastern-partnership-migration-funding-register"
TITLE = "Eastern Partnership migration funding register"
DESCRIPTION = (
    "What the European Union and others pay for migration, mobility and border management with the Eastern Partnership"
    " countries: projects, instruments, agreements, countries and organisations, each value with the sentence of the"
    " source that states it. Blank or null is “not stated”, which is not zero."
)


def descriptor_of(register, files):
    """Return the descriptor of a dump. ``files``: (Format, size in bytes, SHA-256 in hexadecimal)."""
    package = {
        "$schema": "https://datapackage.org/profiles/2.0/datapackage.json",
        "name": NAME,
        "title": TITLE,
        "description": DESCRIPTION,
        "homepage": f"{register.site}/",
        "version": str(register.version),
        "created": exact(register.at),
    }
    if register.licence:
        package["licenses"] = [licence_of(register.licence)]
    return package | {"resources": [resource_of(*each) for each in files]}


def licence_of(text):
    """Return a licence as a descriptor tells it: by its address, else by its name."""
    return {"path": text} if text.startswith(("http://", "https://")) else {"name": text}


def resource_of(form, size, sha256):
    """Return what a descriptor tells of one file."""
    return {
        "name": form.name.replace(".", "-"),
        "path": form.name,
        "title": form.title,
        "format": form.name.rpartition(".")[2],
        "mediatype": form.media_type,
        "bytes": size,
        "hash": f"sha256:{sha256}",
    }
