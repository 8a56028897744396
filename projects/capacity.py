"""How much a process does at once: what has no place is told to come back, instead of holding a thread for minutes."""

import time
from contextlib import ExitStack, contextmanager
from threading import Condition

from django.http import Http404
from django.utils.translation import gettext_lazy as _

RETRY_AFTER = 10  # seconds


class Busy(Http404):
    """There is no place now; answered as 503."""

    status = 503
    headers = {"Retry-After": str(RETRY_AFTER)}

    def __init__(self):
        super().__init__(str(_("The register is very busy. Please try again in a few seconds.")))


class Places:
    """Some places, for whatever may take long. ``patience``: seconds without any coming free, until who waits goes.

    So a rush of quick requests waits its turn, and where all places are taken for long, nobody is kept waiting.
    """

    def __init__(self, number, patience):
        self._free, self._patience = number, patience
        self._changed_at, self._changed = time.monotonic(), Condition()

    @contextmanager
    def held(self):
        """Hold a place. Busy if there is none."""
        self._take()
        try:
            yield
        finally:
            self._leave()

    def answer(self, view, *args):
        """Return the response of a view, which keeps a place until it is closed or forgotten. Busy if there is none."""
        with ExitStack() as held:
            held.enter_context(self.held())
            response = view(*args)
            response._resource_closers.append(held.pop_all().close)
        return response

    def _take(self):
        with self._changed:
            while not self._free:
                left = self._changed_at + self._patience - time.monotonic()
                if left <= 0:
                    raise Busy
                self._changed.wait(left)
            self._free -= 1
            self._changed_at = time.monotonic()

    def _leave(self):
        with self._changed:
            self._free += 1
            self._changed_at = time.monotonic()
            self._changed.notify()


REQUESTS = Places(16, patience=0.5)  # gunicorn has more threads, which stay free for health and refusals
FILES = Places(2, patience=1)
BUILDS = Places(1, patience=5)  # of the index of a past version
