"""Django's admin with our site; not in ``provenance/apps.py``, where Django would take it for our app."""

from django.contrib.admin.apps import AdminConfig


class RegisterAdminConfig(AdminConfig):
    default_site = "provenance.site.admin_site.RegisterSite"
