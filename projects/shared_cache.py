"""The cache that processes and machines share, if CACHE_URL is set. If it is away, each process works without it."""

import logging
import time

from django.conf import settings
from django.core.cache import caches
from django.db import Error
from redis import RedisError

PAUSE = 10  # seconds before a cache that was away is asked again
logger = logging.getLogger(__name__)
_asked_again = 0.0


def ask(question):
    """Return ``question(cache)``, or None without a shared cache or while it is away."""
    global _asked_again
    if "shared" not in settings.CACHES or time.monotonic() < _asked_again:
        return None
    try:
        return question(caches["shared"])
    except (Error, OSError, RedisError, ValueError) as error:  # ValueError: what was to be increased is gone
        _asked_again = time.monotonic() + PAUSE
        logger.warning("The shared cache is away: %s", type(error).__name__)
        return None
