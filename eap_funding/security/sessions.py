"""Sessions end 12 hours after sign-in, or sooner without requests. They are saved every few minutes only."""

from django.conf import settings
from django.contrib.auth import SESSION_KEY
from django.contrib.sessions.backends import db
from django.utils import timezone

BEGAN, SEEN = "_began", "_seen"  # seconds since 1970
RENEWED = 5 * 60  # seconds after which a request is recorded


def begin(session):
    """Start the clock of ``session`` at sign-in."""
    session[BEGAN] = session[SEEN] = timezone.now().timestamp()


class SessionStore(db.SessionStore):
    def load(self):
        """Return the session's data, empty if it has expired."""
        data, now = super().load(), timezone.now().timestamp()
        if SESSION_KEY in data and data.get(BEGAN, 0) <= now - settings.SESSION_COOKIE_AGE:
            self._session_key, data = None, {}
        if data and data.get(SEEN, 0) <= now - RENEWED:
            data[SEEN] = now
            self.modified = True
        return data

    def get_session_cookie_age(self):
        """Return the seconds until the session ends if no request comes."""
        now = timezone.now().timestamp()
        left = self.get(BEGAN, now) + settings.SESSION_COOKIE_AGE - now
        return max(0, int(min(left, settings.SESSION_IDLE_AGE)))
