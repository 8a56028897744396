"""Columns and form fields for money."""

from django import forms
from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import Q
from django.db.models.functions import Length, Upper
from django.db.models.lookups import Exact
from django.utils.translation import gettext as _

from provenance.documents.sums import currencies
from provenance.models.fields import rule

from .amounts import currencies_of, parse_amount, parse_sum, say


class AmountFormField(forms.CharField):
    """An amount as people write it."""

    widget = forms.TextInput(attrs={"inputmode": "decimal", "size": 20})

    def parse(self, text):
        return parse_amount(text)

    def to_python(self, value):
        if value in self.empty_values:
            return None
        try:
            return self.parse(str(value))
        except ValueError as error:
            raise ValidationError(str(error), code="invalid") from None

    def read_back(self, typed):
        """Return how ``typed`` was read, in words; None if it is empty."""
        amount = self.to_python(typed)
        return None if amount is None else f"“{typed.strip()}” was read as {say(amount)}"


class SumFormField(AmountFormField):
    """An amount that may name its currency, as in ``2,5 M€``, and so fill in the field beside it."""

    def parse(self, text):
        return parse_sum(text)[0]

    def complete(self, form, name):
        """Set the currency field beside this one, ``name``, to what the amount names; an error if they differ, or if
        neither names one.
        """
        beside = name.removesuffix("amount") + "currency"
        if not form.cleaned_data.get(name) or beside not in form.fields:
            return
        typed, currency = form[name].data.strip(), form.cleaned_data.get(beside)
        codes = parse_sum(typed)[1]
        if codes and currency and currency not in codes:
            form.add_error(name, _("“%(text)s” names another currency than “%(code)s”. State one.") % {
                "text": typed, "code": currency,
            })  # fmt: skip
        elif len(codes) == 1:
            form.cleaned_data[beside] = next(iter(codes))
        elif not currency and beside not in form.errors:
            form.add_error(beside, _("Add the currency of “%(text)s”, for example EUR.") % {"text": typed})


class AmountField(models.DecimalField):
    """An amount of money to the cent; null is "not stated", which is not zero."""

    def __init__(self, *args, **options):
        super().__init__(*args, **{"max_digits": 15, "decimal_places": 2, "null": True, "blank": True, **options})

    def formfield(self, **options):
        return models.Field.formfield(self, **{"form_class": SumFormField, **options})


def is_currency(code):
    """Refuse what is not an ISO 4217 code."""
    if code not in currencies():
        message = _("“%(code)s” is not a currency. Use its ISO 4217 code, such as EUR or USD.")
        raise ValidationError(message % {"code": code})


class CurrencyCodeFormField(forms.CharField):
    """A code in any case, as query strings give it."""

    widget = forms.TextInput(attrs={"size": 4, "autocapitalize": "characters"})

    def to_python(self, value):
        return super().to_python(value).upper()


class CurrencyFormField(CurrencyCodeFormField):
    """A code, sign or name, as people write it."""

    def to_python(self, value):
        code = super().to_python(value)
        return next(iter(named)) if len(named := currencies_of(code)) == 1 else code


class CurrencyField(models.CharField):
    """An ISO 4217 code; empty where no amount is stated."""

    def __init__(self, *args, **options):
        super().__init__(*args, **{"max_length": 3, "blank": True, "default": "", **options})
        self.validators = [*self.validators, is_currency]

    def formfield(self, **options):
        return super().formfield(**{"form_class": CurrencyFormField, **options})


def money_rules(model, amount, currency):
    """Return the constraints on an amount: not negative, and stated together with its currency."""
    words = amount.replace("_amount", "")
    return [
        rule(
            f"{model}_{amount}_not_negative",
            Q(**{f"{amount}__isnull": True}) | Q(**{f"{amount}__gte": 0}),
            f"The {words} is negative. Give 0 or more, or leave it empty if it is not stated.",
        ),
        rule(
            f"{model}_{amount}_has_currency",
            Q(**{f"{amount}__isnull": True, currency: ""})
            | Q(Exact(Length(currency), 3), **{f"{amount}__isnull": False, currency: Upper(currency)}),
            f"Give the {words} and its currency (ISO 4217, such as EUR) together,"
            " or leave both empty if no sum is stated.",
        ),
    ]
