"""Where a value comes from: Record, Source, Claim. What was said when, Revision, is in ``revision.py``."""

from babel import Locale
from django.contrib.contenttypes.fields import GenericForeignKey, GenericRelation
from django.contrib.contenttypes.models import ContentType
from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import Case, Q, Value, When
from django.db.models.functions import Concat, StrIndex
from django.db.models.lookups import GreaterThan
from django.utils.functional import classproperty

from ..documents import declaration as m
from ..documents.claims import REFUSED, Status
from ..documents.folding import fold, found_by
from .fields import SLUG, KeyField, PartialDateField, bounds, date_rule
from .revision import State


class RecordQuerySet(models.QuerySet):
    def published(self):
        """The records that the public may see: published, and recorded."""
        return self.filter(state=State.PUBLISHED, revision__isnull=False)

    def of_territory(self, codes):
        """The records that belong to one of the countries ``codes``. Kinds that belong to none: all of them."""
        return self

    def called(self, *columns):
        """Yield (key, all that it is called, values of ``columns``) of each record."""
        names = m.calling(self.model)
        for key, *values in self.values_list("pk", *names, *columns).iterator():
            yield key, m.texts_in(values[: len(names)]), *values[len(names) :]

    def nearest_first(self, text):
        """First those of which ``text`` is the key or a name, then those of which it begins a name, then a word."""
        keys, text = [text.strip().lower(), text.strip().upper()], fold(text)
        names = Concat(Value("\n"), "search_text", Value("\n"), output_field=models.TextField())
        nearness = Case(
            When(Q(pk__in=keys) | Q(called__contains=f"\n{text}\n"), then=0),
            When(called__contains=f"\n{text}", then=1),
            When(called__contains=f" {text}", then=2),
            default=3,
        )
        return self.alias(called=names).order_by(nearness, *(self.query.order_by or self.model._meta.ordering))


class Record(models.Model):
    """Something that the register tells of: it has a lasting key, a state, claims, and Revisions.

    What follows ``key`` is written on recording only (see ``store/log.py``) and follows from the
    record's document.
    """

    state = models.CharField(max_length=9, choices=State.choices, default=State.DRAFT, editable=False)
    revision = models.ForeignKey(
        "provenance.Revision", models.PROTECT, null=True, editable=False, related_name="+", db_index=False
    )
    modified = models.DateTimeField(null=True, editable=False, db_index=True)
    sort_key = KeyField(max_length=200, editable=False, default="")
    search_text = models.TextField(editable=False, default="")
    claims = GenericRelation("provenance.Claim")

    objects = RecordQuerySet.as_manager()

    collection: str | None = None  # the first part of its public address; None: it has no page
    members: tuple[m.Member, ...] = ()  # what its document has, in order (see ``documents/declaration.py``)
    echoed: tuple[str, ...] = ()  # members that other records are found by, though their documents do not show them

    class Meta:
        abstract = True

    def save(self, **options):
        """Save. A new record never overwrites another of the same key."""
        if self._state.adding:
            options["force_insert"] = True
        super().save(**options)

    def get_absolute_url(self):
        return self.path_of(self.pk)

    @classproperty
    def claimable(cls):
        """The members that a source can state."""
        has_claims = m.of_kind(cls, m.Claims)
        return tuple(member.name for member in cls.members if member.claimed and has_claims)

    @classproperty
    def face(cls):
        """The members that others are recorded anew for when one changes."""
        return m.face_of(cls) + cls.echoed

    @classproperty
    def identities(cls):
        """Of members that list parts: what in an item tells which it is."""
        return {part.name: m.identity_of(part.part(cls)) for part in m.of_kind(cls, m.Items)}

    @classproperty
    def names(cls):
        """(model, lookup) of the records that its document shows."""
        return m.names_of(cls)

    def validate_constraints(self, exclude=None):
        """Columns that the database computes take part, though no form has them: rules stand on them."""
        computed = {field.name for field in self._meta.fields if field.generated}
        super().validate_constraints(exclude=set(exclude or ()) - computed)

    @classmethod
    def path_of(cls, key):
        """Return the public address of the record ``key`` on this site, without the host; empty if it has none."""
        return f"/{cls.collection}/{key}/" if cls.collection else ""

    @classmethod
    def columns(cls, document, other_words=()):
        """Return the columns that follow from the document: what lists sort by and search."""
        words = [*cls.words_of(document), *other_words]
        return {"sort_key": cls.sort_key_of(document), "search_text": as_search_text(cls.names_of(document), words)}

    @classmethod
    def sort_key_of(cls, document):
        """Return what lists sort a document by: its name or title, folded, at most 200 characters."""
        return fold(document.get("name") or document["title"])[:200]

    @classmethod
    def names_of(cls, document):
        """Return all that a record is called, by its document."""
        return m.texts_in(document.get(name) for name in m.calling(cls))

    @classmethod
    def words_of(cls, document):
        """Return the other texts in a document that find its record."""
        return []

    @classmethod
    def other_words(cls, keys):
        """Return ``{key: words}`` that find a record though its document does not show them."""
        return {}

    @classmethod
    def faults_in(cls, documents):
        """Yield the Faults of ``{key: document}`` that no one column shows: of wholes, and beside others."""
        return ()

    @classmethod
    def faults_of_rows(cls, keys):
        """Yield the Faults of the rows of the records ``keys`` that no document shows."""
        return ()

    @classmethod
    def territory_of(cls, document):
        """Return the codes of the countries that a record belongs to; None: its kind belongs to none."""


def as_search_text(names, words=()):
    """Return folded what finds a record, a line each: its ``names``, then other ``words``, indented by a space."""
    called, found = (list(filter(None, found_by(texts).split("\n"))) for texts in (names, words))
    return "\n".join([*called, *(f" {word}" for word in found if word not in called)])


def is_language(code):
    """Refuse what is no code of a language, by CLDR's list."""
    if code not in Locale("en").languages:
        raise ValidationError(f"“{code}” is not a language. Give its ISO 639 code, such as en or ka.")


class Source(Record):
    """A text that states something about a record."""

    slug = KeyField("address in the register", max_length=100, primary_key=True, **SLUG)
    title = models.CharField(max_length=500)
    publisher = models.CharField(max_length=300, blank=True)
    address = models.URLField("web address", max_length=1000, blank=True)
    language = models.CharField(
        max_length=35,
        blank=True,
        validators=[is_language],
        help_text="ISO 639-1 code of the language it is written in, such as en.",
    )
    date = PartialDateField(help_text="The date that the source bears; empty if it bears none.")
    date_earliest, date_latest = bounds("date")
    read_date = models.DateField("day it was read", null=True, blank=True)
    digest = models.CharField(
        max_length=64, blank=True, default="", db_default="", editable=False,
        help_text="SHA-256 of the file, where it is one that was imported.",
    )  # fmt: skip

    members = (
        m.Key("slug", "its key in the register"),
        m.Text("title", "its title", shown=True, calls=True),
        m.Text("publisher", "who published it"),
        m.Text("address", "where it stands on the web"),
        m.Text("language", "ISO 639-1 code of the language it is written in"),
        m.Date("date", "the date that it bears"),
        m.Day("read_date", "the day it was read"),
        m.Text("digest", "SHA-256 of the file, where it is one that was imported", added=True),
    )

    class Meta:
        ordering = ["sort_key", "slug"]
        constraints = [date_rule("source", "date")]

    def __str__(self):
        return self.title

    @classmethod
    def words_of(cls, document):
        return [document["publisher"], document["address"]]


class Claim(models.Model):
    """What one source states of one member of a record, in its own words."""

    content_type = models.ForeignKey(ContentType, models.PROTECT, verbose_name="kind of record")
    object_id = KeyField("record", max_length=100)
    record = GenericForeignKey()
    field = models.CharField(max_length=40, help_text="The member of the record that the source states.")
    as_stated = models.CharField(
        max_length=2000, help_text="The value in the source's own characters, as they stand in the quote."
    )
    quote = models.TextField(help_text="The sentence, word for word; […] where words are left out.")
    source = models.ForeignKey(Source, models.PROTECT, related_name="cited_by")
    status = models.CharField(
        max_length=10, choices=Status.choices, default=Status.ADOPTED, db_default=Status.ADOPTED,
        help_text="Whether the register adopts it. It is an earlier one by itself, where its value stands no longer.",
    )  # fmt: skip
    value = models.TextField(
        blank=True, default="", db_default="", editable=False,
        help_text="The items of the member for which it was adopted, as JSON; empty: what it states of those that"
        " stand.",
    )  # fmt: skip
    reads_otherwise = models.BooleanField(default=False, db_default=False, editable=False)  # written on recording
    set_aside = models.TextField(
        "not adopted, because",
        blank=True,
        default="",
        db_default="",  # rows that are written in bulk need not say that they are adopted
        help_text="Why it is set aside, or not decided.",
    )
    place = models.CharField(
        max_length=300, blank=True, default="", db_default="",
        help_text="Where in the source it stands: page, or sheet, row and column; empty: the quote finds it.",
    )  # fmt: skip

    members = (
        m.Text("field", "the member that is stated"),
        m.Text("as_stated", "the value in the source's own characters"),
        m.Text("quote", "the sentence, word for word; […] where words are left out"),
        m.One("source", "the text that says so"),
        m.Text("set_aside", "why it is not adopted; not stated where it is", added=True),
        m.Text("place", "where in the source it stands, such as sheet, row and column", added=True),
        m.Text("status", "whether the register adopts it: adopted, earlier, set-aside or undecided", added=True),
        m.Json("value", "the items of a list that it supports, or what an earlier claim supported", added=True),
        m.Derived(
            "reading", "how its words read beside the value: as-value, ours or otherwise", added=True, like=m.Text
        ),
    )
    key_fields = ("field", "source", "as_stated")

    class Meta:
        ordering = ["pk"]
        indexes = [models.Index(fields=["content_type", "object_id"], name="claim_record")]
        constraints = [
            models.CheckConstraint(
                name="claim_as_stated_is_in_quote",
                condition=GreaterThan(StrIndex(models.F("quote"), models.F("as_stated")), 0),
                violation_error_message="The value as stated does not stand in the quote."
                " Copy it from there, character by character.",
            ),
            models.CheckConstraint(
                name="claim_reason_where_it_is_refused",
                condition=Q(status__in=REFUSED, set_aside__gt="") | Q(~Q(status__in=REFUSED), set_aside=""),
                violation_error_message="Say why a claim is not adopted, and only there.",
            ),
        ]

    def __str__(self):
        words = f"{self.field}: {self.as_stated}"
        return f"{words} (reads otherwise than the value)" if self.reads_otherwise else words

    def clean(self):
        """Only members that its kind of record has can be claimed."""
        kind = ContentType.objects.get_for_id(self.content_type_id) if self.content_type_id else None  # kept in memory
        model = kind and kind.model_class()
        allowed = getattr(model, "claimable", ())
        if self.content_type_id and self.field and self.field not in allowed:
            raise ValidationError(
                {"field": f"“{self.field}” cannot be claimed here. Choose one of: {', '.join(allowed) or 'none'}."}
            )
