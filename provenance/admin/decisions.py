"""Pages to decide on what waits: proposals, with current and proposed values side by side, and suggested sources."""

from collections import defaultdict
from functools import partial

from django import forms
from django.contrib import admin
from django.core.exceptions import ValidationError
from django.utils.formats import date_format
from django.utils.html import format_html
from django.utils.safestring import mark_safe

from provenance.documents import conflicts
from provenance.documents.claims import is_adopted
from provenance.documents.diff import describe, label
from provenance.documents.errors import Refused
from provenance.models import Proposal, Source, SuggestedSource
from provenance.site.admin_site import address
from provenance.store import editions
from provenance.store.log import document_of, model_of, newest, titles_of
from provenance.workflow import permissions, review, suggestions, texts

from .base import CarefulAdmin, KindFilter, its_kind, of_row
from .forms import AGAIN, BACK, place, unpack
from .publication import listed, shown
from .sources import attachment
from .summary import on_site

SHOWN = 5  # other proposals whose values are shown beside
HEADINGS = ("Before the proposal", "Now", "Current sources", "Proposed", "Proposed sources")
CONFLICT = "Conflict: somebody else changed this too."
RIVAL = '<strong>Conflict:</strong> <a href="{}">{} proposes</a> {}'
NO_SOURCE = mark_safe("<strong>no source yet</strong>")


class DecisionAdmin(CarefulAdmin):
    """Rows about records that wait for a decision, with a page on which to decide.

    Subclasses have ``decide(request, row, comment)``, which returns the message, or "" if nothing was decided, and
    ``context_of(request, row)`` of their ``template``.
    """

    actions = None

    def get_changelist_instance(self, request):
        """Give the rows of the list the titles of their records."""
        changelist = super().get_changelist_instance(request)
        titles = titles_of((row.kind, row.key) for row in changelist.result_list)
        for row in changelist.result_list:
            row.title = titles.get((row.kind, row.key))
        return changelist

    @admin.display(description="record", ordering="key")
    def its_record(self, row):
        return row.title or row.key

    @of_row
    def change_view(self, request, row, form_url="", extra_context=None):
        do = partial(self.decide, request, row, request.POST.get("comment", "")[:10_000])
        prepare = partial(self.prepare, request, row)
        if request.method == "POST" and (response := self.carry_out(request, do, request.path, prepare)):
            return response
        return self.page(request, self.template, self.context_of(request, row))

    def prepare(self, request, row):
        """Do what may take long, before the register is locked."""


# -- Proposals --


@admin.register(Proposal)
class ProposalAdmin(DecisionAdmin):
    list_display = ("at", its_kind, "its_record", "user_name", "reason", "outcome", "decided_by", "comment")
    list_filter = ("outcome", "user", KindFilter)
    search_fields = ("key", "user_name", "reason")
    keeps_typed = True  # when the session ends
    template = "admin/proposal.html"

    def get_queryset(self, request):
        """Leave out the long documents."""
        return super().get_queryset(request).select_related("base").defer("document", "base__document")

    def decide(self, request, proposal, comment):
        unpack(request)
        if BACK in request.POST:
            self.message_user(request, AGAIN)
            return ""
        user, decision = request.user, request.POST.get("decision")
        if decision != "take-back" or proposal.user_id != user.pk:
            permissions.require(user, "decide", review.record_of(proposal))
        if decision == "take-back":
            review.close(user, proposal, Proposal.Outcome.TAKEN_BACK, comment)
            return "The proposal was cancelled."
        if decision == "decline":
            review.close(user, proposal, Proposal.Outcome.DECLINED, comment)
            return "The proposal was declined."
        if decision != "accept":
            raise ValidationError("Choose whether to accept or decline the proposal.")
        places, seen = request.POST.getlist("place"), request.POST.get("seen", "")
        review.accept(user, proposal, places, seen, comment, shown(request))
        return format_html("The proposal was accepted.{}", on_site(review.record_of(proposal)))

    def context_of(self, request, proposal):
        user, model = request.user, model_of(proposal)
        now = newest(model, [proposal.key])[proposal.key]
        base, theirs, mine = map(document_of, (proposal.base, now, proposal))
        waits, is_gone = proposal.outcome == Proposal.Outcome.WAITING, now.action == "deleted"
        is_accepted = proposal.outcome == Proposal.Outcome.ACCEPTED
        rivals = review.waiting_on(model, [proposal.key] if waits else []).exclude(pk=proposal.pk)
        others = _by_place(model, rivals.defer(None).select_related("base")[:SHOWN])
        chosen = request.POST.getlist("place") if request.method == "POST" else None
        title = theirs.get(model.shown_elsewhere[1]) or proposal.key
        places = conflicts.places(model, base, theirs, mine)
        may_decline = waits and review.may_decide(user, proposal)
        may_decide = may_decline and not is_gone
        return {
            "title": f"Proposal for the {model._meta.verbose_name} “{title}”", "called": title, "proposal": proposal,
            "now": now, "is_gone": is_gone, "record_address": address(model, "change", proposal.key),
            "headings": HEADINGS, "first": "admin/_accepted.html" if may_decide or is_accepted else "",
            "first_heading": "Accept" if may_decide else "Result",
            "places": [_shown(model, each, theirs, mine, others, chosen) for each in places],
            "text": _change_of_text(theirs, mine) if waits and model is Source and not is_gone else None,
            "otherwise": editions.contradictions(model, mine, theirs) if waits else (), "others": rivals.count(),
            "left": review.not_accepted(proposal) if is_accepted else (),
            "waits": waits, "may_decline": may_decline, "may_decide": may_decide,
            "publication": listed(review.publication_plan(user, proposal)) if may_decide else None,
            "is_author": waits and proposal.user_id == user.pk,
        }  # fmt: skip


def _by_place(model, proposals):
    """Return ``{name of a Difference: [(proposal, value)]}``."""
    values = defaultdict(list)
    for proposal in proposals:
        base = document_of(proposal.base)
        for part in conflicts.differences(model, base, base, document_of(proposal)):
            values[part.name].append((proposal, place(part)["mine"]))
    return values


def _change_of_text(before, after):
    """Return how claims fare, for a template, if a change makes a source's document use another text; None if not."""
    new = editions.in_use(after)
    if new is None or before["edition"] == after["edition"]:
        return None
    return {
        "address": address(Source, "edition", after["slug"], str(new.pk)),
        "counts": texts.compared(before, new, editions.in_use(before)).get("counts"),
        "is_text_public": Source.objects.get(pk=after["slug"]).is_text_public,
    }


def _text_in_words(source, digest):
    """Return words for the text with that digest of the source with that key."""
    edition = editions.of_source(source).filter(digest=digest or "").first()
    return f"Text read on {date_format(edition.read_date)} (SHA-256 {digest[:16]}…)" if edition else "no text"


def _shown(model, change, now, mine, others, chosen):
    """Return a Place as the page shows it: values, supporting claims and other proposals.

    ``chosen``: names of the chosen Places; None before the first choice.
    """
    title, versions = label(change.member), ("base", "theirs", "mine")
    title = title if change.values else f"Sources of “{title}”"
    parts = [place(part) for part in change.values or change.claims]
    if model is Source and change.member == "edition":
        title, digests = "Text", [getattr(change.values[0], name) for name in versions]
        words = [[_text_in_words(now["slug"], digest)] for digest in digests]
        parts = [parts[0] | dict(zip(versions, words, strict=True))]
    rivals = [rival for part in parts for rival in others.get(part["name"], ()) if rival[1] != part["mine"]]
    base, theirs, values = ([line for part in parts for line in part[name]] for name in versions)
    against = [
        format_html(RIVAL, address(Proposal, "change", other.pk), other.user_name, "; ".join(lines))
        for other, lines in rivals
    ]
    sources = _supporting(model, now, change), _supporting(model, mine, change)
    return {
        "name": change.name, "label": title, "note": CONFLICT if change.is_conflict else "",
        "is_conflict": change.is_conflict, "is_effective": change.is_effective,
        "is_chosen": change.name in chosen if chosen is not None else not change.is_conflict and not rivals,
        "mine": values,
        "cells": list(zip(HEADINGS, (base, theirs, sources[0], [*values, *against], sources[1]), strict=True)),
    }  # fmt: skip


def _supporting(model, document, place):
    """Return the claims on the values of a Place as lines, or a line that there are none; [] for a Place of claims."""
    about = [claim for claim in document.get("claims", ()) if place.values and claim["field"] == place.member]
    needs_one = place.values and place.member in model.claimable and document.get(place.member)
    is_missing = needs_one and not any(map(is_adopted, about))
    return [*map(describe, about), *([NO_SOURCE] if is_missing else [])] or ["–"]


# -- Suggested sources --

# What a draft source needs in addition to what the visitor sent
AcceptForm = forms.modelform_factory(Source, fields=("title", "slug", "publisher", "language"))


@of_row
def file_view(suggestion_admin, request, suggestion):
    """Serve the file as it was sent, to be saved."""
    return attachment(bytes(suggestion.file or b""), f"suggestion-{suggestion.pk}.bin")


@admin.register(SuggestedSource)
class SuggestedSourceAdmin(DecisionAdmin):
    list_display = ("at", "__str__", its_kind, "its_record", "its_value", "outcome", "decided_by", "comment")
    list_filter = ("outcome",)
    search_fields = ("address", "file_name", "words", "key")
    template = "admin/suggestion.html"
    views = {"<path:object_id>/file/": ("file", file_view)}

    def get_queryset(self, request):
        return super().get_queryset(request).defer("file")

    @admin.display(description="what it states", ordering="field")
    def its_value(self, suggestion):
        return suggestion.field and label(suggestion.field)

    def prepare(self, request, suggestion):
        """Read its file; ValidationError if that fails."""
        if request.POST.get("decision") != "decline" and permissions.may(request.user, "add"):
            suggestion.text = suggestions.text_of(suggestion)

    def decide(self, request, suggestion, comment):
        permissions.require(request.user, "add")
        if request.POST.get("decision") == "decline":
            review.close(request.user, suggestion, SuggestedSource.Outcome.DECLINED, comment, file=None)
            return "The suggestion was declined."
        form = _accept_form(request, suggestion)
        if not form.is_valid():
            return ""
        values = {name: value or None for name, value in form.cleaned_data.items()}
        source = suggestions.accept(request.user, suggestion, suggestion.text, values, comment)
        return f"“{source}” was added as a draft. {_proposed(request.user, suggestion)}"

    def context_of(self, request, suggestion):
        record = review.record_of(suggestion)
        return {
            "title": f"Suggested source: {suggestion}", "suggestion": suggestion,
            "may_decide": suggestion.outcome == suggestions.WAITING and permissions.may(request.user, "add"),
            "form": _accept_form(request, suggestion), "about": self.its_value(suggestion),
            "record": record, "record_address": record and address(type(record), "change", record.pk),
        }  # fmt: skip


def _proposed(user, suggestion):
    """Propose the claims that an accepted suggestion makes. Returns a sentence about them."""
    suggestion.refresh_from_db()
    if not (record := review.record_of(suggestion)):
        return "Read it, and add what it states."
    reader = admin.site.get_model_admin(type(record)).reader
    try:
        number = suggestions.propose_claims(user, suggestion, record, reader)
    except Refused as error:
        return f"What it states was not proposed: {error}"
    if not number:
        return "No claims were found in it by rule. Read it yourself."
    what = "1 claim" if number == 1 else f"{number} claims"
    return f"{what} about “{record}” became a proposal, which waits for a decision."


def _accept_form(request, suggestion):
    """Return the form of a suggestion, which begins with what the visitor sent."""
    name = suggestion.file_name.rpartition(".")[0] or suggestion.address.partition("//")[2].rstrip("/")
    initial = {"title": name, "slug": Source.new_key(name)}
    return AcceptForm(request.POST if request.POST.get("decision") == "accept" else None, initial=initial)
