"""The admin's menus and first page, and the list of failed sign-ins, where administrators release locked accounts.

The admin of each kind of record is in its own app.
"""

import logging

from axes.handlers.proxy import AxesProxyHandler
from django.contrib import admin, messages
from django.contrib.auth.models import User
from django.db.models import Count, Exists, OuterRef, Subquery
from django.utils import timezone

from imports.models import Import
from instruments.models import Country, Delegation, Instrument, Partnership
from projects.models import Organisation, Project, Theme, ThemeCode
from projects.pages import records
from provenance.admin.base import CarefulAdmin
from provenance.models import AuditEntry, Proposal, Revision, Source, SuggestedSource
from provenance.workflow.permissions import log_name

from ..models import FailedSignIn
from ..security.lockout import OF_ACCOUNT, OF_ADDRESS, OF_PAIR, UNKNOWN, WINDOW
from . import home

logger = logging.getLogger("access")
admin.site.site_header = admin.site.site_title = "Eastern Partnership migration funding register"
admin.site.enable_nav_sidebar = False  # lists and forms need the width
admin.site.index_title = "The register"
admin.site.first_page = home.first_page
admin.site.public_page = records.public_page
admin.site.menus = (
    ("Register", (Project, Organisation, Source, SuggestedSource, Theme, Import, Proposal, Revision)),
    ("Reference lists", (Country, Instrument, Partnership, Delegation, ThemeCode)),
    ("People", (User, FailedSignIn, AuditEntry)),
)


def _count(recent, *same):
    """Return a subquery that counts the failures whose columns ``same`` equal those of the outer row."""
    counted = recent.filter(**{name: OuterRef(name) for name in same}).order_by().values(same[0])
    return Subquery(counted.annotate(number=Count("pk")).values("number"))


@admin.register(FailedSignIn)
class FailedSignInAdmin(CarefulAdmin):
    """One row for each account and address with a failure in the window."""

    list_display = ("username", "address", "failures", "state", "attempt_time")
    list_display_links = None
    search_fields = ("username", "ip_address")
    search_help_text = f"Account or address. Listed are those of the last {WINDOW.seconds // 60} minutes."
    fields = readonly_fields = ("username", "address", "attempt_time")
    actions = ("release",)
    needs = {"view": ("administer",)}

    has_release_permission = CarefulAdmin.has_view_permission

    def get_queryset(self, request):
        recent = FailedSignIn.objects.filter(attempt_time__gt=timezone.now() - WINDOW)
        newer = recent.filter(username=OuterRef("username"), ip_address=OuterRef("ip_address"), pk__gt=OuterRef("pk"))
        counts = {
            "of_pair": _count(recent, "username", "ip_address"),
            "of_address": _count(recent, "ip_address"),
            "of_account": _count(recent, "username"),
        }
        return super().get_queryset(request).filter(~Exists(newer), pk__in=recent.values("pk")).annotate(**counts)

    @admin.display(ordering="ip_address")
    def address(self, row):
        return "unknown" if row.ip_address == UNKNOWN else row.ip_address

    @admin.display(ordering="of_pair")
    def failures(self, row):
        return row.of_pair

    def state(self, row):
        states = [
            "account locked for this address" if row.of_pair >= OF_PAIR else "",
            "address locked" if row.of_address >= OF_ADDRESS else "",
            "account slowed" if row.of_account >= OF_ACCOUNT else "",
        ]
        return ", ".join(filter(None, states)) or "may try again"

    @admin.action(description="Release the account and the address", permissions=["release"])
    def release(self, request, queryset):
        """Delete all failures of the selected accounts and addresses."""
        for account, address in sorted(queryset.values_list("username", "ip_address")):
            AxesProxyHandler.reset_attempts(username=account, ip_address=address, ip_or_username=True)
            administrator = log_name(request.user.get_username())
            logger.info("released: user=%s account=%s from=%s", administrator, log_name(account), address)
        self.message_user(request, "Released. They can sign in again now.", messages.SUCCESS)
