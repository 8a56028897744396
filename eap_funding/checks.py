"""Settings that would be unsafe are refused, by whatever the site is started; placeholders are warned of."""

import ipaddress
import re

from django.conf import settings
from django.core.checks import Warning, register
from django.core.exceptions import ImproperlyConfigured

SHORTEST_KEY = 50  # characters
PLACEHOLDERS = {  # setting: how a placeholder looks, and what to set instead
    "SECURITY_CONTACT": (r"\A\Z|@localhost\Z", "Set where to report a weakness, such as mailto:security@example.org"),
    "CONTACT_EMAIL": (r"@localhost\Z", "Set an address that somebody reads, or nothing: then no page offers one."),
    "REPORTING_ORG_REF": (r"\A\Z|\AXE-EXAMPLE", "Set the IATI organisation identifier of who publishes the register."),
}


def spelled_hosts(hosts):
    """Return names of hosts as they are compared: lower case, no blanks, no full stop at the end."""
    return [each.strip().lower().removesuffix(".") or each.strip() for each in hosts if each.strip()]


def refuse_unsafe(secret_key, debug, hosts):
    """ImproperlyConfigured, saying what would be right, where nobody should run the site so."""
    if len(secret_key.strip()) < SHORTEST_KEY:
        raise ImproperlyConfigured(
            f"SECRET_KEY has {len(secret_key.strip())} characters; it needs {SHORTEST_KEY} or more, made by chance:"
            ' python -c "import secrets; print(secrets.token_urlsafe(50))"'
        )
    for host in hosts:
        is_whole_domain = host.startswith(".") and "." not in host.strip(".") and host != ".localhost"
        if "*" in host or is_whole_domain:
            raise ImproperlyConfigured(
                f"ALLOWED_HOSTS has “{host}”, with which the site answers under names of others. Write each of its own,"
                " such as register.example.org, or .example.org for all names that end so."
            )
    if debug and (public := public_hosts(hosts)):
        raise ImproperlyConfigured(
            f"DEBUG is true, and ALLOWED_HOSTS has “{public[0]}”: debug pages show settings and data to whoever asks."
            " Set DEBUG=false, or allow this machine alone: ALLOWED_HOSTS=localhost,127.0.0.1"
        )


def public_hosts(hosts):
    """Return those that are not this machine itself."""
    return [host for host in hosts if not _is_local(host)]


def _is_local(host):
    try:
        return ipaddress.ip_address(host.strip("[]")).is_loopback
    except ValueError:
        return host == "localhost" or host.endswith(".localhost")


@register
def placeholders(app_configs, **options):
    """Warn of what still stands as it came, on a site that others can reach."""
    if not public_hosts(settings.ALLOWED_HOSTS):
        return []
    return [
        Warning(f"{name} is a placeholder: “{getattr(settings, name)}”.", hint=hint, id=f"eap_funding.W{number:03}")
        for number, (name, (placeholder, hint)) in enumerate(PLACEHOLDERS.items(), 1)
        if re.search(placeholder, getattr(settings, name))
    ]
