"""Form fields for the values of parameters. Their errors say what would be right."""

import re

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from provenance.workflow.merges import redirected_keys

from ..words.terms import terms_of
from .cursor import read_token

SHOWN_CHOICES = 30  # how many allowed values a message lists


class NumberField(forms.CharField):
    """A whole number from 1 to ``most``."""

    def __init__(self, *, most=None, **options):
        super().__init__(**options)
        self.most = most

    def to_python(self, value):
        text = super().to_python(value)
        if not text:
            return None
        if not re.fullmatch(r"[0-9]{1,100}", text) or not 1 <= int(text) <= (self.most or int(text)):
            message = _("“%(text)s” is not a whole number of at least %(least)s.")
            if self.most:
                message = _("“%(text)s” is not a whole number from %(least)s to %(most)s.")
            raise ValidationError(message % {"text": text[:40], "least": 1, "most": self.most})
        return int(text)


class WordsField(forms.CharField):
    """Words and phrases to search for (see ``terms.terms_of``)."""

    def clean(self, value):
        text = super().clean(value)
        if text and not terms_of(text):
            raise ValidationError(_("There is nothing to search for. Enter a word, or leave this empty."))
        return text


def unknown(value, keys):
    """Return the error for a ``value`` that is not one of ``keys``."""
    allowed = ", ".join(map(str, keys[:SHOWN_CHOICES])) or _("none yet")
    if more := len(keys[SHOWN_CHOICES:]):
        message = ngettext("%(values)s and %(number)s more", "%(values)s and %(number)s more", more)
        allowed = message % {"values": allowed, "number": more}
    message = _("“%(value)s” is not an allowed value. Allowed values: %(allowed)s.")
    return ValidationError(message % {"value": value[:40], "allowed": allowed})


class ChoicesField(forms.MultipleChoiceField):
    """One or several of the values in ``choices``; cleaned to ``{value: label}``."""

    def labels(self):
        return dict(self.choices)

    def clean(self, values):
        labels = self.labels() if values else {}
        for value in values or ():
            if value not in labels:
                raise unknown(value, list(labels))
        return {value: labels[value] for value in values or ()}


class RecordsField(ChoicesField):
    """One or several published records of ``model`` in ``register``, a Register, by key."""

    register = None

    def __init__(self, *, model, **options):
        super().__init__(**options)
        self.model, self._choices = model, None

    @property
    def choices(self):
        return list(self.labels().items())

    @choices.setter
    def choices(self, value):
        """Ignored: the choices are the published records."""

    def labels(self):
        return self.register.choices(self.model._meta.model_name)

    def clean(self, values):
        """Accept the key of a merged record for the one that it was merged into."""
        try:
            return super().clean(values)
        except ValidationError:
            moved = redirected_keys(self.model, values)
            if not moved:
                raise
            return super().clean([moved.get(value, value) for value in values])


class ChoiceField(forms.ChoiceField):
    """One of the values in ``choices``; the page offers ``default`` as the empty choice."""

    def __init__(self, *, choices, default="", **options):
        super().__init__(choices=choices, **options)
        self.widget.choices = [("" if key == default else key, label) for key, label in choices]

    def validate(self, value):
        if value and not self.valid_value(value):
            raise unknown(value, [key for key, _label in self.choices if key])


class CursorField(forms.CharField):
    """A position in a list; cleaned to (Position, digest of the query), or None if not given. Empty: the beginning."""

    def clean(self, value):
        try:
            return None if value is None else read_token(value.strip())
        except ValueError as fault:
            raise ValidationError(str(fault)) from None


class MembersField(forms.CharField):
    """Some of the ``members`` of a document, comma-separated; cleaned to their names."""

    def __init__(self, *, members, **options):
        super().__init__(**options)
        self.members = members

    def clean(self, value):
        names = [name.strip() for name in value.split(",")] if value else []
        for name in names:
            if name not in self.members:
                raise unknown(name, self.members)
        return names
