"""Review of proposals: current and proposed values side by side, and the decisions."""

from collections import defaultdict

from django.contrib import admin
from django.core.exceptions import ValidationError
from django.utils.formats import date_format
from django.utils.html import format_html
from django.utils.safestring import mark_safe

from provenance.documents import conflicts
from provenance.documents.claims import is_adopted
from provenance.documents.diff import describe, label
from provenance.models import Proposal, Source
from provenance.site.admin_site import address
from provenance.store import editions
from provenance.store.editions import contradictions
from provenance.store.log import document_of, model_of, newest
from provenance.workflow import permissions, review, texts

from .base import DecisionAdmin, KindFilter, its_kind
from .forms import AGAIN, BACK, place, unpack
from .publication import listed, shown
from .summary import on_site

SHOWN = 5  # other proposals whose values are shown beside
HEADINGS = ("Before the proposal", "Now", "Current sources", "Proposed", "Proposed sources")
CONFLICT = "Conflict: somebody else changed this too."
RIVAL = '<strong>Conflict:</strong> <a href="{}">{} proposes</a> {}'
NO_SOURCE = mark_safe("<strong>no source yet</strong>")


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
            "otherwise": contradictions(model, mine, theirs) if waits else (), "others": rivals.count(),
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
