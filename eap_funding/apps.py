from django.apps import AppConfig


class SiteConfig(AppConfig):
    name = "eap_funding"
    verbose_name = "Sign-in"  # the admin's heading above its only table

    def ready(self):
        from . import checks  # noqa: F401  registers its check
