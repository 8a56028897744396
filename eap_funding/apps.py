from django.apps import AppConfig


class SiteConfig(AppConfig):
    name = "eap_funding"
    verbose_name = "Sign-in"  # what the admin calls the one table that is here

    def ready(self):
        from . import checks  # noqa: F401  registers its check
