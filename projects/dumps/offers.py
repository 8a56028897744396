"""What can be taken at any time, with filters: the files of the lists. One home for page, catalogue and descriptor."""

from typing import NamedTuple

from ..exports.formats import OFFERED, offered
from ..iati.reasons import any_in_iati
from ..index.follower import current_view


class Offer(NamedTuple):
    """A list or table as a file. ``label``: the name of its format."""

    name: str
    suffix: str
    label: str
    media_type: str

    @property
    def url(self):
        return f"/{self.name}.{self.suffix}"


def offers():
    """Return all Offers, projects first; IATI among them if a project is in it."""
    in_iati = any_in_iati(current_view().projects)
    return [
        Offer(name, form.suffix, form.label, form.media_type.partition(";")[0])
        for name in OFFERED
        for form in offered(name)
        if form.suffix != "xml" or in_iati
    ]
