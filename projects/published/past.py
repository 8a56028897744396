"""Pages about a past state of the register."""

from typing import NamedTuple
from urllib.parse import urlencode

from provenance.store.build import upgrade

from ..search.as_of import Moment


class Past(NamedTuple):
    """The moment that a page shows. ``fate``: changed, unchanged or withdrawn since; "" for lists."""

    moment: Moment
    fate: str = ""

    @property
    def query(self):
        """What a link appends to lead to the same moment."""
        return "?" + urlencode({"as_of": self.moment.text})

    @property
    def more(self):
        """The same for a link that already has a query string."""
        return "&" + self.query[1:]


def past_of(register, model, key, text, moment):
    """Return the Past of a page with ``text``, the record's document at a Moment; None without a Moment.

    ``register``: the newest.
    """
    if moment is None:
        return None
    newest = register.document(model, key)
    if newest is None:
        return Past(moment, "withdrawn")
    old, new = (upgrade(model, each) | {"modified": ""} for each in (text, newest))
    return Past(moment, "unchanged" if new == old else "changed")
