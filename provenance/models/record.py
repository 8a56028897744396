"""Record, Source and Claim: what the register holds, and where each value comes from."""

from itertools import count

from babel import Locale
from django.contrib.contenttypes.fields import GenericForeignKey, GenericRelation
from django.contrib.contenttypes.models import ContentType
from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import Case, Exists, OuterRef, Q, Value, When
from django.db.models.functions import Concat, StrIndex
from django.db.models.lookups import GreaterThan
from django.utils.functional import classproperty
from django.utils.translation import gettext_lazy, ngettext_lazy
from django.utils.translation import gettext_noop as noop

from ..documents import declaration as m
from ..documents.claims import REFUSED, Status
from ..documents.folding import fold, searchable_text
from .fields import SLUG, KeyField, PartialDateField, bounds, date_rule, is_no_later_day, later_text, rule, slug_of
from .revision import State

NOT_RECORDED = "not recorded"


class RecordQuerySet(models.QuerySet):
    def published(self):
        """Records that the public may see."""
        return self.filter(state=State.PUBLISHED, revision__isnull=False)

    def of_territory(self, codes):
        """Records that belong to any of the countries ``codes``; all, where the kind belongs to no country."""
        return self

    def citing(self, source):
        """Records with a claim of the source of that key."""
        kind = ContentType.objects.get_for_model(self.model)
        claims = Claim.objects.filter(content_type=kind, object_id=OuterRef("pk"), source=source)
        return self.filter(Exists(claims))

    def called(self, *columns):
        """Yield (key, list of names, *values of ``columns``) for each record."""
        names = m.name_members(self.model)
        for key, *values in self.values_list("pk", *names, *columns).iterator():
            yield key, m.nonempty_texts(values[: len(names)]), *values[len(names) :]

    def nearest_first(self, text):
        """Order by match: key or full name first, then start of a name, then start of a word, then the rest."""
        keys, text = [text.strip().lower(), text.strip().upper()], fold(text)
        names_column = Concat(Value("\n"), "search_text", Value("\n"), output_field=models.TextField())
        rank = Case(
            When(Q(pk__in=keys) | Q(called__contains=f"\n{text}\n"), then=0),
            When(called__contains=f"\n{text}", then=1),
            When(called__contains=f" {text}", then=2),
            default=3,
        )
        return self.alias(called=names_column).order_by(rank, *(self.query.order_by or self.model._meta.ordering))


class Record(models.Model):
    """A record of the register: a permanent key, a state, claims and Revisions.

    The columns after ``state`` follow from its newest document and are written only when a change is recorded.
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

    collection: str | None = None  # first part of its public address; None: no public page
    members: tuple[m.Member, ...] = ()  # the members of its document, in order
    together: tuple[str, ...] = ()  # members that belong together: when the first changes, so do the others
    echoed: tuple[str, ...] = ()  # members by which other records are found, though their documents do not show them

    class Meta:
        abstract = True

    def __str__(self):
        return self.name

    def save(self, **options):
        """Save; a new record never overwrites one with the same key."""
        if self._state.adding:
            options["force_insert"] = True
        super().save(**options)

    def get_absolute_url(self):
        return self.path_of(self.pk)

    claimable = classproperty(m.claimable_members)
    identities = classproperty(m.identities_of)
    names = classproperty(m.names_of)
    shown_elsewhere = classproperty(lambda cls: m.shown_members(cls) + cls.echoed)  # recorded again with these

    def validate_constraints(self, exclude=None):
        """Include generated columns, which forms leave out: constraints use them."""
        computed = {field.name for field in self._meta.fields if field.generated}
        super().validate_constraints(exclude=set(exclude or ()) - computed)

    @classmethod
    def path_of(cls, key):
        """Return the public path of the record ``key``, or an empty text if its kind has no pages."""
        return f"/{cls.collection}/{key}/" if cls.collection else ""

    @classmethod
    def new_key(cls, name, taken=()):
        """Return a key that no record has, nor is ``taken``: made of ``name``, else of what its kind is called."""
        stem = slug_of(name) or slug_of(cls._meta.verbose_name)
        keys = {*taken, *cls.objects.filter(pk__startswith=stem).values_list("pk", flat=True)}
        return next(key for number in count(1) if (key := f"{stem}-{number}" if number > 1 else stem) not in keys)

    @classmethod
    def sort_key_of(cls, document):
        """Return the folded name or title, at most 200 characters."""
        return fold(document.get("name") or document["title"])[:200]

    @classmethod
    def names_of(cls, document):
        """Return every name of the record in ``document``."""
        return m.nonempty_texts(document.get(name) for name in m.name_members(cls))

    @classmethod
    def words_of(cls, document):
        """Return further texts of ``document`` that find its record."""
        return []

    @classmethod
    def other_words(cls, documents):
        """Return ``{key: texts}`` that find the records of ``{key: document}``, though these do not contain them."""
        return {}

    @classmethod
    def faults_in(cls, documents):
        """Yield Faults of ``{key: document}`` that concern a whole document, or one beside others."""
        return ()

    @classmethod
    def faults_of_rows(cls, keys):
        """Yield Faults of the rows of the records ``keys`` that no document shows."""
        return ()

    @classmethod
    def territory_of(cls, document):
        """Return the codes of the countries that a record belongs to; None if its kind belongs to none."""


class Slugged(Record):
    """A record whose key is a slug."""

    slug = KeyField("address in the register", max_length=100, primary_key=True, **SLUG)

    class Meta:
        abstract = True
        ordering = ["sort_key", "slug"]


def as_search_text(names, words=()):
    """Return the folded text in which a search looks, one line per text: names, then ``words`` indented by a space."""
    name_lines, word_lines = (list(filter(None, searchable_text(texts).split("\n"))) for texts in (names, words))
    return "\n".join([*name_lines, *(f" {word}" for word in word_lines if word not in name_lines)])


def is_language(code):
    """ValidationError unless ``code`` is a language code in CLDR."""
    if code not in Locale("en").languages:
        raise ValidationError(f"“{code}” is not a language. Give its ISO 639 code, such as en or ka.")


class Source(Slugged):
    """A published text that states something about a record."""

    class TextShown(models.TextChoices):
        QUOTES = "quotes", "whether its quotes stand there"
        TEXT = "text", "the whole text"

    title = models.CharField(max_length=500)
    publisher = models.CharField(max_length=300, blank=True)
    address = models.URLField("web address", max_length=1000, blank=True)
    language = models.CharField(
        max_length=35,
        blank=True,
        validators=[is_language],
        help_text="ISO 639-1 code of the language it is written in, such as en.",
    )
    date = PartialDateField(help_text="The date of the source; empty if it is undated.")
    date_earliest, date_latest = bounds("date")
    read_date = models.DateField("day it was read", null=True, blank=True, validators=[is_no_later_day])
    digest = later_text(64, "SHA-256 of the imported file, if there is one.", editable=False)
    archive_address = models.URLField(
        max_length=1000, blank=True, default="", db_default="",
        help_text="A copy that stays as it was read, such as one in a web archive.",
    )  # fmt: skip
    licence = later_text(300, "The terms on which its publisher lets others use it: a name or a web address.")
    contact = later_text(
        300, "Whom to ask about what it says: an office, or a person who agreed to be named.", "who answers for it"
    )
    edition = later_text(64, "SHA-256 of the Edition that is in use.", editable=False)
    text_withdrawn = later_text(300, "Why the text of this Edition was withdrawn; empty if it was not.", editable=False)
    text_shown = later_text(
        8, "What readers may see of the text that is kept: nothing, unless chosen here.", "public part of its text",
        choices=TextShown.choices,
    )  # fmt: skip

    collection = "sources"
    heading = gettext_lazy("Sources")
    counted = ngettext_lazy("%(number)s source", "%(number)s sources", "count")
    together = ("edition", "read_date", "text_withdrawn")
    echoed = ("edition",)  # claims say whether their quotes stand in it
    members = (
        m.Key("slug", "its key in addresses"),
        m.Text("title", "its title", shown=True, is_name=True),
        m.Text("publisher", "who published it"),
        m.Text("address", "its web address"),
        m.Text("language", "ISO 639-1 code of its language"),
        m.Date("date", "its date"),
        m.Day("read_date", "the day it was read", label=noop("Read on"), empty=NOT_RECORDED),
        m.Text("digest", "SHA-256 of the imported file, if there is one", added=True, empty="no imported file"),
        m.Url("url", "its page, without the host", added=True),
        m.Text(
            "archive_address",
            "the web address of an archived copy",
            added=True,
            label=noop("Archived copy"),
            empty=NOT_RECORDED,
        ),
        m.Text("licence", "the licence of the text: a name or a web address", added=True, empty=NOT_RECORDED),
        m.Text(
            "edition",
            "SHA-256 of the text kept of it",
            added=True,
            label=noop("SHA-256 of its text"),
            empty="no text is kept",
        ),
        m.Text(
            "text_shown",
            "what readers may see of this text: quotes or text; otherwise nothing",
            added=True,
            label=noop("Public part of its text"),
            empty="nothing is shown",
        ),
        m.Text("contact", "whom to ask about this text", added=True, label=noop("Contact"), empty=NOT_RECORDED),
        m.Text(
            "text_withdrawn",
            "why this text was withdrawn, if it was",
            added=True,
            label=noop("Why its text was withdrawn"),
            empty="it was not withdrawn",
        ),
    )

    class Meta(Slugged.Meta):
        constraints = [date_rule("source", "date")]

    def __str__(self):
        return self.title

    @property
    def is_text_public(self):
        """Whether readers see its whole text."""
        return self.state == State.PUBLISHED and self.text_shown == self.TextShown.TEXT

    @classmethod
    def words_of(cls, document):
        return [document["publisher"], document["address"]]


class Claim(models.Model):
    """What one source states about one member of a record, in the source's own words."""

    content_type = models.ForeignKey(ContentType, models.PROTECT, verbose_name="kind of record")
    object_id = KeyField("record", max_length=100)
    record = GenericForeignKey()
    field = models.CharField(max_length=40, help_text="Which value of the record the source states.")
    as_stated = models.CharField(
        max_length=2000, help_text="The value exactly as the source writes it, copied from the quote."
    )
    quote = models.TextField(help_text="The sentence, word for word; write […] where you leave words out.")
    source = models.ForeignKey(Source, models.PROTECT, related_name="cited_by")
    status = models.CharField(
        max_length=10, choices=Status.choices, default=Status.ADOPTED, db_default=Status.ADOPTED,
        help_text="Whether the register uses this claim. It becomes “states an earlier value” when the value changes.",
    )  # fmt: skip
    value = models.TextField(
        blank=True, default="", db_default="", editable=False,
        help_text="The value that it was adopted for, as a JSON list; empty: whatever it states of the current value.",
    )  # fmt: skip
    reads_otherwise = models.BooleanField(default=False, db_default=False, editable=False)  # written when recorded
    not_found = models.BooleanField(default=False, db_default=False, editable=False)  # likewise
    set_aside = models.TextField(
        "not adopted, because", blank=True, default="", db_default="",
        help_text="Required when a claim is set aside or undecided.",
    )  # fmt: skip
    place = later_text(
        300, "Where it is in the source: page, or sheet, row and column. Empty if the quote is enough to find it."
    )
    language = later_text(
        35,
        "ISO 639-1 code, such as fr, where the quote is not in the language of its source.",
        validators=[is_language],
    )

    members = (
        m.Text("field", "the field that it supports"),
        m.Text("as_stated", "the value exactly as the source writes it"),
        m.Text("quote", "the sentence, word for word; […] where words are left out"),
        m.One("source", "the source"),
        m.Text(
            "set_aside",
            "why it is not adopted, if it is not",
            added=True,
            empty="it is adopted, or was for an earlier value",
        ),
        m.Text("place", "where it is in the source, such as sheet, row and column", added=True, empty=NOT_RECORDED),
        m.Text("status", "adopted, earlier, set-aside or undecided", added=True),
        m.Json("value", "the list items that it supports, or the value that an earlier claim supported", added=True),
        m.Derived(
            "reading", "how its words compare with the value: as-value, ours or otherwise", added=True, like=m.Text
        ),
        m.Text(
            "language",
            "ISO 639-1 code of its language, if it differs from the source’s",
            added=True,
            empty="the language of the source",
        ),
        m.Derived("evidence", "where the quote is in the text of its source", added=True, like=m.Evidence),
        m.Derived(
            "url", "its place on the page of its source, without the host", added=True, like=m.Text, empty=NOT_RECORDED
        ),
    )
    key_fields = ("field", "source", "as_stated")

    class Meta:
        ordering = ["pk"]
        indexes = [models.Index(fields=["content_type", "object_id"], name="claim_record")]
        constraints = [
            rule(
                "claim_as_stated_is_in_quote",
                GreaterThan(StrIndex(models.F("quote"), models.F("as_stated")), 0),
                "The value as stated is not in the quote. Copy it exactly from the quote.",
            ),
            rule(
                "claim_reason_where_it_is_refused",
                Q(status__in=REFUSED, set_aside__gt="") | Q(~Q(status__in=REFUSED), set_aside=""),
                "Give a reason if a claim is set aside or undecided, and only then.",
            ),
        ]

    def __str__(self):
        flags = {"differs from the value": self.reads_otherwise, "not found in its source": self.not_found}
        notes = ", ".join(note for note, is_so in flags.items() if is_so)
        return f"{self.field}: {self.as_stated}{f' ({notes})' if notes else ''}"

    def clean(self):
        """ValidationError unless its kind of record has the member and a source can state it."""
        kind = ContentType.objects.get_for_id(self.content_type_id) if self.content_type_id else None  # kept in memory
        model = kind and kind.model_class()
        allowed = getattr(model, "claimable", ())
        if self.content_type_id and self.field and self.field not in allowed:
            raise ValidationError(
                {"field": f"A source cannot state “{self.field}” here. Choose one of: {', '.join(allowed) or 'none'}."}
            )
