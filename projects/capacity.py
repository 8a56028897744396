"""Limits what a process does at once. Requests beyond the limit are asked to come back instead of blocking a thread."""

import time
from contextlib import contextmanager
from threading import Condition

from django.http import Http404
from django.utils.translation import gettext_lazy as _

RETRY_AFTER = 10  # seconds


class Busy(Http404):
    """No place is free; answered as 503."""

    status = 503
    headers = {"Retry-After": str(RETRY_AFTER)}

    def __init__(self):
        super().__init__(str(_("The register is very busy. Please try again in a few seconds.")))


class Places:
    """A limited number of places for work that may take long.

    ``patience``: seconds in which no place comes free before a waiting request gives up. So a rush of quick requests
    is served in turn, and nobody waits behind slow ones.
    """

    def __init__(self, number, patience):
        self._free, self._patience = number, patience
        self._changed_at, self._changed = time.monotonic(), Condition()

    def _hold(self):
        """Hold a place. Busy if none is free."""
        with self._changed:
            while not self._free:
                left = self._changed_at + self._patience - time.monotonic()
                if left <= 0:
                    raise Busy
                self._changed.wait(left)
            self._free -= 1
            self._changed_at = time.monotonic()
        try:
            yield
        finally:
            with self._changed:
                self._free += 1
                self._changed_at = time.monotonic()
                self._changed.notify()

    held = contextmanager(_hold)

    def respond(self, view, *args):
        """Return the response of a view, which holds a place until it is closed or dropped. Busy if none is free."""
        place = self._hold()
        next(place)
        try:
            response = view(*args)
        except BaseException:
            place.close()
            raise
        response._resource_closers.append(place.close)
        return response


REQUESTS = Places(16, patience=0.5)  # gunicorn has more threads, which stay free for health checks and refusals
FILES = Places(2, patience=1)
PICTURES = Places(1, patience=5)  # drawn as PNG, which takes a core
BUILDS = Places(1, patience=5)  # indexes of past versions
