"""Refuses to start with unsafe settings, and warns of placeholders."""

import base64
import ipaddress
import re

import environ
from django.conf import settings
from django.core.checks import Warning, register
from django.core.exceptions import ImproperlyConfigured

SHORTEST_KEY = 50  # characters
SEAL_KEY_LENGTH = 32  # bytes
SWITCH = dict.fromkeys(("true", "1", "yes", "y", "on", "ok"), True)
SWITCH |= dict.fromkeys(("false", "0", "no", "n", "off", ""), False)
PLACEHOLDERS = {  # setting: (pattern of a placeholder, what to set instead)
    "SECURITY_CONTACT": (r"\A\Z|@localhost\Z", "Set the contact for security reports: mailto:security@example.org"),
    "CONTACT_EMAIL": (r"@localhost\Z", "Set an address that somebody reads, or leave it empty to show none."),
    "REPORTING_ORG_REF": (r"\A\Z|\AXE-EXAMPLE", "Set the IATI organisation identifier of the register's publisher."),
}


def spelled_hosts(hosts):
    """Return host names in lower case, without blanks or a final full stop."""
    return [each.strip().lower().removesuffix(".") or each.strip() for each in hosts if each.strip()]


def refuse_unsafe(secret_key, debug, hosts):
    """Raise ImproperlyConfigured, with advice, if the settings are unsafe."""
    if len(secret_key.strip()) < SHORTEST_KEY:
        raise ImproperlyConfigured(
            f"SECRET_KEY has {len(secret_key.strip())} characters; it needs at least {SHORTEST_KEY}. Make a random"
            ' key: python -c "import secrets; print(secrets.token_urlsafe(50))"'
        )
    for host in hosts:
        is_whole_domain = host.startswith(".") and "." not in host.strip(".") and host != ".localhost"
        if "*" in host or is_whole_domain:
            raise ImproperlyConfigured(
                f"ALLOWED_HOSTS contains “{host}”, so the site would answer to any host. List its own names,"
                " such as register.example.org, or .example.org for all subdomains."
            )
    if debug and (public := public_hosts(hosts)):
        raise ImproperlyConfigured(
            f"DEBUG is true and ALLOWED_HOSTS contains “{public[0]}”: debug pages would show settings and data to"
            " anybody. Set DEBUG=false, or allow only this machine: ALLOWED_HOSTS=localhost,127.0.0.1"
        )


class Environment(environ.FileAwareEnv):
    """Settings from the environment; a wrong number, switch or network is refused with the name of its setting."""

    def int(self, var, default, least=1):
        text = self.str(var, default=str(default)).strip()
        if not re.fullmatch("[0-9]{1,15}", text) or int(text) < least:
            raise ImproperlyConfigured(f"{var} is “{text[:40]}”; it needs a whole number from {least}.")
        return int(text)

    def bool(self, var, default):
        text = self.str(var, default=str(default)).strip().casefold()
        if text not in SWITCH:
            raise ImproperlyConfigured(f"{var} is “{text[:40]}”; it needs true or false.")
        return SWITCH[text]

    def networks(self, var):
        try:
            return [ipaddress.ip_network(each.strip()) for each in self.list(var, default=[])]
        except ValueError as error:
            raise ImproperlyConfigured(f"{var}: {error}. It needs networks such as 10.0.0.0/8.") from None


def refuse_broken_key(seal_key):
    """Raise ImproperlyConfigured, with advice, if the key that signs checkpoints is not valid."""
    try:
        is_key = len(base64.b64decode(seal_key, validate=True)) == SEAL_KEY_LENGTH
    except ValueError:
        is_key = False
    if seal_key and not is_key:
        raise ImproperlyConfigured("SEAL_KEY is not a key. Remove it, and make one with: manage.py make_seal_key")


def public_hosts(hosts):
    """Return the hosts other than this machine."""
    return [host for host in hosts if not _is_local(host)]


def _is_local(host):
    try:
        return ipaddress.ip_address(host.strip("[]")).is_loopback
    except ValueError:
        return host == "localhost" or host.endswith(".localhost")


@register
def placeholders(app_configs, **options):
    """Warn of placeholders on a site that others can reach."""
    if not public_hosts(settings.ALLOWED_HOSTS):
        return []
    return [
        Warning(f"{name} is a placeholder: “{getattr(settings, name)}”.", hint=hint, id=f"eap_funding.W{number:03}")
        for number, (name, (placeholder, hint)) in enumerate(PLACEHOLDERS.items(), 1)
        if re.search(placeholder, getattr(settings, name))
    ]
