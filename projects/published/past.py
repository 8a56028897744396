"""What pages say of the past."""

from typing import NamedTuple
from urllib.parse import urlencode

from provenance.store.build import upgrade

from ..search.as_of import Moment


class Past(NamedTuple):
    """Of when a page tells. ``fate`` of its record since: changed, unchanged or withdrawn; of a list empty."""

    moment: Moment
    fate: str = ""

    @property
    def words(self):
        return self.moment.in_words

    @property
    def query(self):
        """What a link to another page appends, so that it tells of the same moment."""
        return "?" + urlencode({"as_of": self.moment.text})

    @property
    def more(self):
        """What a link that has a query string already appends."""
        return "&" + self.query[1:]


def past_of(view, model, key, text, moment):
    """Return the Past of a page that shows ``text``, what the document of the record ``key`` was at a Moment.

    ``view``: the newest.
    """
    now = view.document(model, key)
    if now is None:
        return Past(moment, "withdrawn")
    then, now = (upgrade(model, each) | {"modified": ""} for each in (text, now))
    return Past(moment, "unchanged" if now == then else "changed")
