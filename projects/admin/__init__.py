"""The admin of the register itself."""

from django.contrib import admin
from django.contrib.auth.models import Group, User

from instruments.models import Country, Delegation, Instrument, Partnership
from projects.models import Import, Organisation, Project, Theme, ThemeCode
from provenance.models import Proposal, Revision, Source

from . import first_page, imports, organisations, parts, projects

__all__ = ["first_page", "imports", "organisations", "parts", "projects"]

admin.site.site_header = admin.site.site_title = "Eastern Partnership migration funding register"
admin.site.enable_nav_sidebar = False  # lists and forms need the width
admin.site.index_title = "The register"
admin.site.menus = (
    ("Register", (Project, Organisation, Source, Theme, Import, Proposal, Revision)),
    ("Reference lists", (Country, Instrument, (Partnership, "Agreements"), Delegation, ThemeCode)),
    ("People", (User, (Group, "Roles"))),
)
admin.site.first_page = first_page.first_page
