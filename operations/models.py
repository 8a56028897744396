from django.db import models


class Run(models.Model):
    """When a routine job last ran, and whether it succeeded."""

    name = models.CharField(max_length=20, primary_key=True)
    at = models.DateTimeField()
    is_ok = models.BooleanField()

    class Meta:
        default_permissions = ()

    def __str__(self):
        return f"{self.name} at {self.at:%Y-%m-%d %H:%M}"
