"""The admin of the register itself."""

from django.contrib import admin

from projects import record_views

from . import first_page, imports, organisations, parts, projects

__all__ = ["first_page", "imports", "organisations", "parts", "projects"]

admin.site.site_header = admin.site.site_title = "Eastern Partnership migration funding register"
admin.site.enable_nav_sidebar = False  # lists and forms need the width
admin.site.index_title = "The register"
admin.site.first_page = first_page.first_page
admin.site.public_page = record_views.public_page
