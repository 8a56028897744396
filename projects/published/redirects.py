"""Redirects: unknown parameters, keys in the wrong case, merged records."""

from urllib.parse import urlencode

from django.http import Http404
from django.utils.translation import gettext_lazy

from provenance.models import Revision


class Elsewhere(Http404):
    """A redirect to the right address."""

    message = gettext_lazy("This page is at %(address)s.")

    def __init__(self, path, query, status=301):
        self.status, self.query = status, query
        address = path + (f"?{query}" if query else "")
        super().__init__(str(self.message % {"address": address}))
        self.headers = {"Location": address}


class MergedAway(Elsewhere):
    """A redirect from a merged record to the one that it was merged into."""

    message = gettext_lazy("It has been merged with another record: %(address)s.")


def key_in_other_case(model, key):
    """Return the key of a record that was ever public and differs from ``key`` by case only, or None."""
    revisions = Revision.objects.of(model).public().filter(key__in={key.lower(), key.upper()} - {key})
    return revisions.values_list("key", flat=True).first()


def redirect_to_tidy(request, filterset):
    """Raise Elsewhere if the query string has unknown or empty parameters, or values in the wrong case."""
    tidy = _tidied(request.pairs, filterset.form)
    if tidy != request.pairs:
        raise Elsewhere(request.path, urlencode(list(dict.fromkeys(tidy))), status=302)


def _tidied(pairs, form):
    """Return the (parameter, value) ``pairs`` that ``form`` has, but empty ones, with choices in their proper case."""
    right = {
        name: {str(key).casefold(): str(key) for key, _label in getattr(form.fields.get(name), "choices", ())}
        for name in form.errors
    }
    return [
        (name, right.get(name, {}).get(value.strip().casefold(), value))
        for name, value in pairs
        if name in form.fields and value.strip()
    ]
