"""Django's admin with our site: its menus, refusals and sign-in.

It is loaded before any model, so it imports none. In ``provenance/apps.py``, Django would take it for our app.
"""

from django.contrib.admin.apps import AdminConfig


class RegisterAdminConfig(AdminConfig):
    default_site = "provenance.site.admin_site.RegisterSite"
