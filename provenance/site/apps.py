"""Django's admin with our own site (apart from ``apps.py``, where Django would take it for our own app)."""

from django.contrib.admin.apps import AdminConfig


class RegisterAdminConfig(AdminConfig):
    default_site = "provenance.site.admin_site.RegisterSite"
