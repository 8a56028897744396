"""Addresses that lead to others: with parameters that are none, with keys spelled otherwise, of what was merged."""

from urllib.parse import urlencode

from django.http import Http404
from django.utils.translation import gettext_lazy

from provenance.models import Revision


class Elsewhere(Http404):
    """Another address is right, and this one leads there."""

    saying = gettext_lazy("This page is at %(address)s.")

    def __init__(self, path, query, status=301):
        self.status, self.query = status, query
        address = path + (f"?{query}" if query else "")
        super().__init__(str(self.saying % {"address": address}))
        self.headers = {"Location": address}


class MergedAway(Elsewhere):
    """A record that was merged into another: its address leads there."""

    saying = gettext_lazy("It has been merged with another record: %(address)s.")


def spelled(model, key):
    """Return the key that differs from ``key`` by capitals alone, of a record of which the public was ever told.

    None if there is none. Its address answers, even if only that it was withdrawn.
    """
    told = Revision.objects.of(model).public().filter(key__in={key.lower(), key.upper()} - {key})
    return told.values_list("key", flat=True).first()


def lead_to_tidy(request, filterset):
    """Elsewhere if the query string has parameters which others added to the link, or values in another spelling."""
    tidy = _tidied(request.pairs, filterset.form)
    if tidy != request.pairs:
        stated = [(name, value) for name, value in dict.fromkeys(tidy) if value.strip()]
        raise Elsewhere(request.path, urlencode(stated), status=302)


def _tidied(pairs, form):
    """Return the ``pairs`` (parameter, value) that are of ``form``, each value of a choice in its one spelling."""
    choices = {name: getattr(form.fields.get(name), "choices", ()) for name in form.errors}
    right = {name: {str(key).casefold(): str(key) for key, _label in found} for name, found in choices.items()}
    return [
        (name, right.get(name, {}).get(value.strip().casefold(), value)) for name, value in pairs if name in form.fields
    ]
