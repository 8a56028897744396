"""Theme."""

from django.db import models

from provenance.fields import SLUG, KeyField
from provenance.models import Record


class Theme(Record):
    """One of the register's own index words."""

    slug = KeyField("address in the register", max_length=100, primary_key=True, **SLUG)
    name = models.CharField(max_length=200)
    builder = "projects.documents.themes"
    reader = "projects.documents.read_theme"
    face = ("slug", "name")

    class Meta:
        ordering = ["sort_key", "slug"]

    def __str__(self):
        return self.name
