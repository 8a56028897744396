"""The files with current data, as the data page and the catalogue list them."""

from typing import NamedTuple

from ..exports.formats import OFFERED, offered
from ..iati.reasons import any_in_iati
from ..index.follower import current_view


class Offer(NamedTuple):
    """A file of a list or table. ``label``: the name of its format."""

    name: str
    suffix: str
    label: str
    media_type: str

    @property
    def url(self):
        return f"/{self.name}.{self.suffix}"


def offers():
    """Return all Offers, projects first; IATI only if a project is in it."""
    in_iati = any_in_iati(current_view().projects)
    return [
        Offer(name, form.suffix, form.label, form.media_type.partition(";")[0])
        for name in OFFERED
        for form in offered(name)
        if form.suffix != "xml" or in_iati
    ]
