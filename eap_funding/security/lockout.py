"""Whoever guesses passwords has to wait, which is said before any password is hashed.

Of failures within the last 15 minutes, 10 lock an account for one address, and 50 lock an address. With 50 from all
addresses together an account is slowed: whoever failed there waits five minutes before each further attempt. So nobody
can shut its owner out, who is judged at the first attempt from an address of their own.

django-axes asks us before a password is judged and tells us what came of it; its table holds the failures, so all
processes count together. Older ones are deleted with the next attempt.
"""

import logging
import math
import unicodedata
from datetime import timedelta

from axes.backends import AxesBackend
from axes.handlers.base import AxesHandler
from django.contrib.auth.backends import ModelBackend
from django.db.models import Q
from django.utils import timezone

from provenance.workflow.permissions import log_name

from ..middleware.request_id import client_of
from ..models import FailedSignIn
from .sessions import begin

logger = logging.getLogger("access")
WINDOW, PAUSE = timedelta(minutes=15), timedelta(minutes=5)
OF_PAIR, OF_ADDRESS, OF_ACCOUNT = 10, 50, 50  # failures within the window
UNKNOWN = "0.0.0.0"  # noqa: S104  an address that cannot be told; nothing is bound to it
WAIT = "There were too many failed attempts to sign in. Wait {time}, or ask an administrator to release you."


def account_of(name):
    """Return a user name as it is counted: in one spelling, whatever its case and its form in Unicode."""
    return unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", name).casefold())[:255]


def address_of(request):
    """Return the address that asks, as the column holds it: an IPv6 network by its first address."""
    client = client_of(request)
    return UNKNOWN if client == "unknown" else client.partition("/")[0]


def seconds_to_wait(account, address, but=None):
    """Return for how long ``account`` may not be tried from ``address``, or 0. The attempt ``but`` is no failure."""
    now = timezone.now()
    recent = FailedSignIn.objects.filter(attempt_time__gt=now - WINDOW).exclude(pk=but).order_by("-attempt_time")
    pair = recent.filter(username=account, ip_address=address)
    rules = [(pair, OF_PAIR, WINDOW), (recent.filter(ip_address=address), OF_ADDRESS, WINDOW)]
    if recent.filter(username=account).count() >= OF_ACCOUNT:
        rules.append((pair, 1, PAUSE))
    ends = [
        at + period
        for rows, limit, period in rules
        for at in rows.values_list("attempt_time", flat=True)[limit - 1 : limit]
    ]
    return max([0, *(math.ceil((end - now).total_seconds()) for end in ends)])


class Failures(AxesHandler):
    """What django-axes does with an attempt: here each is a failure until its password proves right.

    It is counted first and then looks at all others, so that of many attempts at once no more are judged than one after
    another.
    """

    def is_allowed(self, request, credentials=None):
        """Whether the password may be judged; if so, count the attempt."""
        who = {"username": account_of(credentials["username"]), "ip_address": request.axes_ip_address}
        request.seconds_to_wait = seconds_to_wait(*who.values())
        if not request.seconds_to_wait:
            FailedSignIn.objects.filter(attempt_time__lte=timezone.now() - WINDOW).delete()
            attempt = FailedSignIn.objects.create(**who)
            request.seconds_to_wait = seconds_to_wait(*who.values(), but=attempt.pk)
            if request.seconds_to_wait:
                attempt.delete()
        return not request.seconds_to_wait

    def user_login_failed(self, sender, credentials, request=None, **more):
        name, seconds = log_name(credentials.get("username")), getattr(request, "seconds_to_wait", 0)
        if not seconds:
            logger.warning("sign-in failed: user=%s", name)
            return
        logger.warning("sign-in not judged, too many failures: user=%s wait=%d", name, seconds)
        minutes = math.ceil(seconds / 60)
        request.told_to_wait = WAIT.format(time="a minute" if minutes == 1 else f"{minutes} minutes")
        request.axes_locked_out = True  # so axes' middleware lets `tell_to_wait` have the answer

    def user_logged_in(self, sender, request, user, **more):
        begin(request.session)
        logger.info("signed in: user=%s", log_name(user.get_username()))

    def user_logged_out(self, sender, request, user, **more):
        if user:
            logger.info("signed out: user=%s", log_name(user.get_username()))

    def reset_attempts(self, *, ip_address=None, username=None, ip_or_username=False):
        """Forget failures: of both, of either or of one; without any, all. Returns their number."""
        said = {"ip_address": ip_address, "username": username and account_of(username)}
        asked = [Q((name, value)) for name, value in said.items() if value]
        found = Q()
        for each in asked:
            found = found | each if ip_or_username else found & each
        return FailedSignIn.objects.filter(found).delete()[0]


class Backend(AxesBackend):
    """Judges a password, unless the attempt has to wait."""

    def authenticate(self, request, username=None, password=None, **more):
        if username is None or password is None:
            return None
        super().authenticate(request, username, password)  # PermissionDenied where it has to wait
        user = ModelBackend.authenticate(self, request, username, password)
        if user:
            FailedSignIn.objects.filter(username=account_of(username), ip_address=request.axes_ip_address).delete()
        return user


def tell_to_wait(request, response, credentials):
    """Make an answer of the page of the form, which says it in words."""
    response.status_code = 429
    response.headers["Retry-After"] = str(request.seconds_to_wait)
    return response
