"""Who may see how the site is running: METRICS_NETWORKS, and clients with METRICS_TOKEN."""

import ipaddress

from django.conf import settings
from django.utils.crypto import constant_time_compare

from .middleware.request_id import client_of


def may_watch(request):
    """Whether the request comes from a network that may, or has the token."""
    token = request.META.get("HTTP_AUTHORIZATION", "").removeprefix("Bearer ")
    if settings.METRICS_TOKEN and constant_time_compare(token, settings.METRICS_TOKEN):
        return True
    try:
        client = ipaddress.ip_network(client_of(request))  # of IPv6 a /64
    except ValueError:
        return False
    return any(each.version == client.version and client.subnet_of(each) for each in settings.METRICS_NETWORKS)
