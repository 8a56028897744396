"""How the site is running: alive, ready, and, for those who may see it, what it does."""

import ipaddress

from django.conf import settings
from django.db import DatabaseError, InterfaceError
from django.http import Http404, HttpResponse
from django.utils.crypto import constant_time_compare
from django.utils.translation import gettext, ngettext

from operations import metrics as counts
from operations import runs
from operations.backup import tables

from ..errors import database_away
from ..middleware.request_id import client_of


def health(request):
    """The process is alive. This does not use the database."""
    return HttpResponse("alive\n", content_type="text/plain; charset=utf-8")


def readiness(request):
    """The database is reachable and every migration is applied; otherwise 503."""
    try:
        waiting = tables.waiting()
    except (DatabaseError, InterfaceError):
        return database_away(request, gettext("The database cannot be reached."))
    if waiting:
        detail = ngettext("%(n)s migration is not applied.", "%(n)s migrations are not applied.", len(waiting))
        return database_away(request, detail % {"n": len(waiting)})
    warnings = runs.warnings() if may_watch(request) else []
    lines = "".join(f"{line}\n" for line in ["ready", *(f"warning: {each}" for each in warnings)])
    return HttpResponse(lines, content_type="text/plain; charset=utf-8")


def metrics(request):
    """What the site does, for Prometheus; 404 for anybody else."""
    if not may_watch(request):
        raise Http404
    return HttpResponse(counts.text(), content_type="text/plain; version=0.0.4; charset=utf-8")


def may_watch(request):
    """Whether the request comes from one of METRICS_NETWORKS, or has METRICS_TOKEN."""
    token = request.META.get("HTTP_AUTHORIZATION", "").removeprefix("Bearer ")
    if settings.METRICS_TOKEN and constant_time_compare(token, settings.METRICS_TOKEN):
        return True
    try:
        client = ipaddress.ip_network(client_of(request))  # of IPv6 a /64
    except ValueError:
        return False
    return any(each.version == client.version and client.subnet_of(each) for each in settings.METRICS_NETWORKS)
