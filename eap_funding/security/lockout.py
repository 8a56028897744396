"""Makes anybody who guesses passwords wait. This is checked before a password is hashed.

Within 15 minutes, 10 failures lock an account for one address, and 50 lock an address. After 50 failures from all
addresses together an account is slowed: an address that failed there waits five minutes between attempts. So nobody
can lock the owner out, who can sign in at the first attempt from another address.

django-axes calls us before and after it checks a password. Failures are in its table, so that all processes count
together; old ones are deleted at the next attempt.
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
UNKNOWN = "0.0.0.0"  # noqa: S104  stands for an unknown address; nothing is bound to it
WAIT = "Too many failed attempts to sign in. Wait {time}, or ask an administrator to release your account."


def account_of(name):
    """Return a user name normalised for counting, regardless of case and Unicode form."""
    return unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", name).casefold())[:255]


def address_of(request):
    """Return the client's address for the database; for an IPv6 network its first address."""
    client = client_of(request)
    return UNKNOWN if client == "unknown" else client.partition("/")[0]


def seconds_to_wait(account, address, but=None):
    """Return how long ``account`` is locked for ``address``, or 0, not counting the attempt ``but``."""
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
    """django-axes' handler. An attempt counts as a failure until its password proves right.

    It is counted before the others are looked at, so that parallel attempts get no more tries than consecutive ones.
    """

    def is_allowed(self, request, credentials=None):
        """Whether the password may be checked; if so, count the attempt."""
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
        logger.warning("sign-in refused, too many failures: user=%s wait=%d", name, seconds)
        minutes = math.ceil(seconds / 60)
        request.told_to_wait = WAIT.format(time="a minute" if minutes == 1 else f"{minutes} minutes")
        request.axes_locked_out = True  # makes axes' middleware call `tell_to_wait`

    def user_logged_in(self, sender, request, user, **more):
        begin(request.session)
        logger.info("signed in: user=%s", log_name(user.get_username()))

    def user_logged_out(self, sender, request, user, **more):
        if user:
            logger.info("signed out: user=%s", log_name(user.get_username()))

    def reset_attempts(self, *, ip_address=None, username=None, ip_or_username=False):
        """Delete the failures of both, or with ``ip_or_username`` of either; without arguments all. Return how many."""
        values = {"ip_address": ip_address, "username": username and account_of(username)}
        condition = Q()
        for part in [Q((name, value)) for name, value in values.items() if value]:
            condition = condition | part if ip_or_username else condition & part
        return FailedSignIn.objects.filter(condition).delete()[0]


class Backend(AxesBackend):
    """Checks a password, unless the attempt has to wait."""

    def authenticate(self, request, username=None, password=None, **more):
        if username is None or password is None:
            return None
        super().authenticate(request, username, password)  # PermissionDenied if it has to wait
        user = ModelBackend.authenticate(self, request, username, password)
        if user:
            FailedSignIn.objects.filter(username=account_of(username), ip_address=request.axes_ip_address).delete()
        return user


def tell_to_wait(request, response, credentials):
    """Answer 429 with the sign-in page, which says how long to wait."""
    response.status_code = 429
    response.headers["Retry-After"] = str(request.seconds_to_wait)
    return response
