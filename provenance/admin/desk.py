"""The text of a source beside the form of a record: its words become claims and values in the form.

Nothing is written here: the form comes back as it was sent, with rows and values added, for a person to save.
"""

import re

from django.core.exceptions import ValidationError

from provenance.documents import quotes
from provenance.documents.declaration import Items, Lines, Many, Within, name_members, of_kind
from provenance.documents.diff import label, lines
from provenance.models import Claim, Edition, Source
from provenance.models.fields import as_number

ADD, SHOW, TICKED, TAKE = "_add_claim", "_show_text", "_add_ticked", "_take"
MEMBER, SENTENCE, WORDS = "_claim_member", "_claim_sentence", "_claim_words"
DEFAULT, EDITION, FROM = "default_source", "_edition", "_from"
MOST_SENTENCES = 200  # on one page
CLAIMS = "provenance-claim-content_type-object_id"  # the prefix of their rows in the form
STATED = ("field", "as_stated", "quote", "source")
ADDED = "The form is not saved yet."
NEWER = "The source has another text by now. Please choose the words again."


def is_asked(post):
    """Whether a form was sent to add or show something, not to be saved."""
    return ADD in post or SHOW in post or TICKED in post or TAKE in post or bool(post.get(MEMBER))


def fill_in_source(post):
    """Give claims that were entered without a source the default one."""
    for at in range(_count(post, CLAIMS) if post.get(DEFAULT) else 0):
        row = f"{CLAIMS}-{at}-"
        if not post.get(f"{row}source") and any(post.get(row + name) for name in ("field", "as_stated", "quote")):
            post[f"{row}source"] = post[DEFAULT]


def add_claims(record_admin, request, is_new):
    """Add the claims that were asked for to ``request.POST``, with values; ``request.outcomes``: how they were read."""
    post, model, request.outcomes = request.POST, record_admin.model, []
    for prefix in (CLAIMS, *(member.accessor for member in of_kind(model, Items))):
        for name in ("TOTAL_FORMS", "INITIAL_FORMS"):
            post.setdefault(f"{prefix}-{name}", "0")
    source, edition = source_of(post.get(DEFAULT))
    if not edition or SHOW in post:
        return
    reader = record_admin.reader(model, edition.text)
    try:
        if post.get(EDITION) != edition.digest:
            raise ValidationError(NEWER)
        offers = [reader.offer_named(name) for name in post.getlist(TAKE)]
        if ADD in post or post.get(MEMBER):
            offers.append(reader.offer_at(*(post.get(name, "").strip() for name in (MEMBER, SENTENCE, WORDS))))
    except ValidationError as error:
        request.outcomes = [{"words": words, "is_wrong": True} for words in error.messages]
        return
    request.outcomes = [{"words": _add(post, model, source, reader, offer)} for offer in offers]
    for key, [name] in record_admin.get_prepopulated_fields(request).items() if is_new else ():
        if post.get(name, "").strip() and not post.get(key):
            post[key] = model.new_key(post[name])
    for name in (TAKE, MEMBER, WORDS):
        post.pop(name, None)


def _add(post, model, source, reader, offer):
    """Add a claim, and its value if that can be read. Returns a sentence about it."""
    claim = reader.claim(offer)
    as_stated = claim["as_stated"]
    _add_row(post, CLAIMS, claim | {"source": source.pk, "place": f"sentence {offer.sentence.number}"})
    if not offer.items:
        return f"{label(offer.member)}: “{as_stated}” was added, but its value cannot be read. Fill that in yourself."
    done = [_put(post, model, reader.members[offer.member], item) for item in offer.items]
    note = "" if all(done) else " The form keeps the value that it has."
    reads = in_words(offer)
    was_read = "was taken word for word" if reads == as_stated else f"was read as {reads}"
    return f"{label(offer.member)}: “{as_stated}” {was_read}.{note}"


def in_words(offer):
    """Return how an offer reads, such as ``EUR 2,584,000``; empty if it cannot be read."""
    return re.sub(r"(?<=\d)\.00\b", "", "; ".join(lines(offer.items))) if offer.items else ""


# -- The form as it was sent --


def _put(post, model, member, item):
    """Put an item of a document into the fields of a form. Returns False if they keep another value."""
    if isinstance(member, Many):
        [key] = member.back(item).values()
        post.setlist(member.name, list(dict.fromkeys([*post.getlist(member.name), key])))
        return True
    if isinstance(member, Lines):
        texts = post.get(member.name, "").splitlines()
        post[member.name] = "\n".join(dict.fromkeys([*texts, item]))
        return True
    if isinstance(member, Items):
        return _put_row(post, member.accessor, member.part(model), item)
    return _fill(post, "", _columns(member.back(item)))


def _put_row(post, prefix, part, item):
    """Fill in a row of a part whose key agrees as far as it is filled in; add a row if there is none."""
    values = {}
    for member in part.members:
        value = item if getattr(member, "inline", False) else item.get(member.name)
        if value is not None and not isinstance(member, Within):
            values |= _columns(member.back(value))
    for at in range(_count(post, prefix)):
        row = f"{prefix}-{at}-"
        there = [(post.get(row + name, ""), values.get(name, "")) for name in part.key_fields]
        if not post.get(f"{row}DELETE") and all(one == other or not (one and other) for one, other in there):
            return _fill(post, row, values)
    _add_row(post, prefix, values)
    return True


def _columns(values):
    return {name.removesuffix("_id"): "on" if value is True else str(value) for name, value in values.items()}


def _fill(post, row, values):
    """Fill in the empty fields among ``values``. Returns whether all fields have these values then."""
    is_kept = [bool(post.get(row + name)) and post[row + name] != value for name, value in values.items()]
    if not any(is_kept):
        post.update({row + name: value for name, value in values.items() if not post.get(row + name)})
    return not any(is_kept)


def _add_row(post, prefix, values):
    at = _count(post, prefix)
    post[f"{prefix}-TOTAL_FORMS"] = str(at + 1)
    for name, value in values.items():
        post[f"{prefix}-{at}-{name}"] = value


def _count(post, prefix):
    return as_number(post.get(f"{prefix}-TOTAL_FORMS")) or 0


# -- What stands beside the form --


def panel(record_admin, request, form, formsets):
    """Return the context of the text beside a form."""
    source, edition = source_of(form[DEFAULT].value())
    context = {
        "form": form,
        "source": source,
        "members": [(name, label(name)) for name in record_admin.model.claimable],
    }
    if not edition:
        return context
    names = {
        name: form[name].value() if name in form.fields else getattr(form.instance, name)
        for name in name_members(record_admin.model)
    }
    reader = record_admin.reader(record_admin.model, edition.text, names)
    claims = [row for row in _claims(formsets) if str(row["source"]) == source.pk]
    spans = _spans(claims, edition.text)
    first, count = _first_shown(request, reader, spans), len(reader.sentences)
    claimed = {(row["field"], row["as_stated"]) for row in claims}
    return context | {
        "edition": edition,
        "outcomes": getattr(request, "outcomes", ()),
        "paragraphs": paragraphs(reader, reader.sentences[first : first + MOST_SENTENCES], spans),
        "sentence": request.POST.get(SENTENCE, ""),
        "words": request.POST.get(WORDS, ""),
        "count": count,
        "from": first + 1 if count > MOST_SENTENCES else "",
        "passages": [
            {"sentences": passage.sentences, "title": reader.title_of(passage), "offers": shown,
             "is_own": reader.names_own(passage.sentences)}
            for passage in reader.passages(first, first + MOST_SENTENCES)
            if (shown := offers_shown(reader, passage, claimed))
        ],
    }  # fmt: skip


def _spans(claims, text):
    """Return ``{(start, end) of the words that claims state in a text: labels of their members}``."""
    spans = {}
    for claim in claims:
        if span := quotes.stated_at(claim, text):
            spans.setdefault(span, []).append(label(claim["field"]))
    return {span: ", ".join(labels) for span, labels in spans.items()}


def _first_shown(request, reader, spans):
    """Return the index of the first sentence to show: as asked, or a little before the first words of a claim."""
    if wanted := request.POST.get(FROM) or request.GET.get(FROM):
        return number(wanted, len(reader.sentences)) - 1
    start = min(spans, default=(0, 0))[0] if len(reader.sentences) > MOST_SENTENCES else 0
    return max(0, sum(each.end <= start for each in reader.sentences) - 5)


def paragraphs(reader, sentences, spans):
    """Return sentences by paragraph: ``[[(Sentence, [(text, what it states, or "")])]]``; of two spans, the shorter."""
    by_paragraph, longest_first = {}, sorted(spans, key=lambda span: span[0] - span[1])
    for sentence in sentences:
        start, end = sentence.start, sentence.end
        inside = [span for span in longest_first if span[0] < end and start < span[1]]
        parts = quotes.layers(reader.text[start:end], [[(first - start, last - start)] for first, last in inside])
        states = ["", *(spans[span] for span in inside)]
        pieces = [(words, states[level]) for words, level in parts]
        by_paragraph.setdefault(sentence.paragraph, []).append((sentence, pieces))
    return list(by_paragraph.values())


def offers_shown(reader, passage, claimed=()):
    """Return the offers of a passage for a page, without those that claims state already."""
    shown = [
        {
            "name": offer.name,
            "label": label(offer.member),
            "words": " ".join(reader.text[offer.start : offer.end].split()),
            "reads": in_words(offer),
            "sentence": offer.sentence.number,
            "quote": reader.text[offer.sentence.start : offer.sentence.end],
            "member": offer.member,
        }
        for offer in passage.offers
    ]
    return [each for each in shown if (each["member"], each["words"]) not in claimed]


def source_of(key):
    """Return (source of a key, the Edition with its text in use); None for either if there is none."""
    source = Source.objects.filter(pk=key).first()
    return source, source and Edition.objects.filter(source=source, digest=source.edition).exclude(text="").first()


def _claims(formsets):
    """Return the claims entered in a form, without deleted ones."""
    [rows] = [each.forms for each in formsets if issubclass(each.model, Claim)]
    forms = [form for form in rows if not ("DELETE" in form.fields and form["DELETE"].value())]
    values = [{name: form[name].value() or "" for name in STATED} for form in forms]
    return [row for row in values if row["field"]]


def number(text, most):
    """Return the number that ``text`` is, from 1 to ``most``; 1 if it is none."""
    return max(1, min(as_number(text) or 1, most))


# -- Values without a source --


def unsupported(form, formsets):
    """Yield the bound field or the formset of each value in a form that none of its claims states."""
    model, claimed = type(form.instance), {row["field"] for row in _claims(formsets)}
    by_relation = {each.relation: each for each in formsets}
    for member in model.members:
        if member.name not in model.claimable or member.name in claimed:
            continue
        if isinstance(member, Items):
            formset = by_relation.get(member.accessor)
            if formset and formset.forms:
                yield formset
        elif (field := form.field_of(member)) and field.value():
            yield field
