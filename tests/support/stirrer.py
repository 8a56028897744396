"""A register that is worth asking: parts and wholes, every state, several currencies and scripts, names that changed.

``Stirrer`` changes some of whatever is there, by the ways in which staff and programs do; the same for the same seed.
"""

from decimal import Decimal
from random import Random

from django.contrib.auth import get_user_model

from instruments.models import Country, Instrument, Partnership
from projects.models import Organisation, Project, Theme
from projects.models.project import LEVELS
from projects.quality.merges import MERGE_RULES
from provenance.documents.dates import PartialDate
from provenance.documents.declaration import date_member, money_member, shown_members
from provenance.documents.errors import Refused
from provenance.models import State
from provenance.store.log import delete, newest, set_state
from provenance.store.writer import current
from provenance.workflow import merges
from provenance.workflow.submission import submit

WHO = {"user_name": "stirrer", "reason": "Stirred."}
CURRENCIES = ["EUR", "EUR", "EUR", "USD", "CHF", "GEL", "MDL"]
WORDS = [
    "სასაზღვრო პოლიცია", "ᲛᲘᲒᲠᲐᲪᲘᲐ", "Միգրացիոն ծառայություն և սահման", "ԵՐԵՎԱՆ", "Прикордонна служба – міграція",
    "Пограничная служба: приём", "Azərbaycan miqrasiya xidməti, Bakı", "İŞÇİLƏR", "l’accueil des réfugiés",
    "cross-border co-operation", "cross\u2011border", "crossborder", "co\u00adop\u200beration", "Ørsted Straße", "Łódź",
    "½ of it", "100% = all_of_it", "Georgia’s and Moldova's", "border  management", "«кордон»", "ﬁnal",
]  # fmt: skip


class Stirrer:
    def __init__(self, seed):
        self.draw = Random(seed)
        self.moved = {}  # keys of organisations that were merged, and whose they are now

    def stir(self, number, after=lambda: None):
        """Change about ``number`` projects, and a few of what they name; publish, withdraw, delete and merge some.

        ``after``: called after each sort of change.
        """
        for change, many in (
            (self._rename, 2), (self._rename_one_of, [Country, Instrument, Partnership, Theme]),
            (self._change, number), (self._join, 1 + number // 3), (self._publish, 1 + number // 10),
            (self._hide, 1 + number // 20), (self._merge, [Organisation, Project]),
        ):  # fmt: skip
            change(many)
            after()

    def _some(self, values, most, least=1):
        values = list(values)
        return self.draw.sample(values, min(len(values), self.draw.randint(least, max(least, most))))

    def _words(self):
        return self.draw.choice(WORDS)

    def _published(self):
        return list(Project.objects.published().order_by("pk").values_list("pk", flat=True))

    def _write(self, model, documents):
        """Write what keeps the rules; the rest is left as it was."""
        submit(WHO["user_name"], model, documents, reason=WHO["reason"], faults={})

    # -- organisations --

    def _rename(self, number):
        keys = Organisation.objects.published().order_by("pk").values_list("pk", flat=True)
        documents = current(Organisation, self._some(keys, number))
        self._write(Organisation, {key: self._renamed(document) for key, document in documents.items()})

    def _rename_one_of(self, models):
        model = self.draw.choice(models)
        keys = model.objects.published().order_by("pk").values_list("pk", flat=True)
        documents = current(model, self._some(keys, 1))
        self._write(
            model, {key: each | {"name": f"{each['name'][:60]} {self._words()}"} for key, each in documents.items()}
        )

    def _renamed(self, document):
        drawn, aliases = self.draw.random(), [*document["aliases"], self._words()]
        if drawn < 0.3:
            return document | {
                "name": f"{document['name']} {self._words()}"[:300],
                "aliases": [*aliases, document["name"]],
            }
        if drawn < 0.6:
            return document | {"acronym": "".join(self.draw.choices("ABCЖДЋՍ", k=4))}
        return document | {"aliases": aliases if drawn < 0.9 else []}

    # -- what projects say --

    def _change(self, number):
        keys = Project.objects.order_by("pk").values_list("pk", flat=True)
        documents = current(Project, self._some(keys, number, least=number))
        others = list(current(Project, self._some(keys, 20, least=20)).values())
        changes = [
            self._texts, self._dates, self._budget, self._contributions, self._organisations, self._names, self._status,
            self._claims,
        ]  # fmt: skip
        for key in documents:
            for change in self._some(changes, 3):
                documents[key] = documents[key] | change(documents[key], self.draw.choice(others))
        self._write(Project, documents)

    def _texts(self, document, other):
        return self.draw.choice([
            {"title": f"{document['title'][:200]} {self._words()}"}, {"title": other["title"]},
            {"acronym": self._words()[:50]}, {"summary": None}, {"summary": f"It wants {self._words()}, {self._words()}."},
            {"objectives": [self._words(), other["title"]]}, {"objectives": []},
        ])  # fmt: skip

    def _date(self, year):
        month, day = self.draw.randint(1, 12), self.draw.randint(1, 28)
        text = f"{year}-{month:02}-{day:02}"[: self.draw.choice([4, 4, 7, 10])]
        return date_member(PartialDate(text), self.draw.random() < 0.3)

    def _dates(self, document, _other):
        year = self.draw.randint(1990, 2030)
        start = self._date(year) if self.draw.random() < 0.7 else None
        end = self._date(year + self.draw.randint(1, 6)) if self.draw.random() < 0.7 else None
        return {"start_date": start, "end_date": end}

    def _budget(self, document, _other):
        if self.draw.random() < 0.3:
            return {"budget": None}
        currency = self.draw.choice(CURRENCIES)
        least = sum(
            Decimal(p["amount"]) for p in document["contributions"] if p["amount"] and p["currency"] == currency
        )
        more = Decimal(self.draw.choice([0, 1, 333333, 99999999, 900719925474099])) / 100
        return {"budget": money_member(least + more, currency)}

    def _contributions(self, document, other):
        """Its own without their sums, none, or what another project is given as well, in some currency."""
        drawn, own = self.draw.random(), document["contributions"]
        if drawn < 0.2:
            return {"contributions": [part | {"amount": None, "currency": None} for part in own]}
        if drawn < 0.3:
            return {"contributions": []}
        there = {(part["funder"]["slug"], str(part["instrument"])) for part in own}
        new = [
            part for part in other["contributions"] if (part["funder"]["slug"], str(part["instrument"])) not in there
        ]
        sums = [money_member(Decimal(self.draw.randint(1, 10**9)) / 100, self.draw.choice(CURRENCIES)) for _part in new]
        return {"contributions": [*own, *(part | money for part, money in zip(new, sums, strict=True))], "budget": None}

    def _organisations(self, document, other):
        if self.draw.random() < 0.2:
            return {"organisations": []}
        there = {(each["slug"], each["role"]) for each in document["organisations"]}
        new = [
            each | {"component": None} for each in other["organisations"] if (each["slug"], each["role"]) not in there
        ]
        return {"organisations": [*document["organisations"], *new]}

    def _names(self, document, _other):
        model, name = self.draw.choice([(Country, "countries"), (Theme, "themes"), (Partnership, "partnerships")])
        keys = model.objects.published().order_by("pk").values_list("pk", flat=True)
        documents = current(model, self._some(keys, 3, least=0))
        return {name: [{part: documents[key][part] for part in shown_members(model)} for key in sorted(documents)]}

    def _status(self, document, _other):
        return {"status": self.draw.choice([None, *Project.Status.values]), "status_as_of": None}

    def _claims(self, document, _other):
        """Somebody decides against a claim, or that nobody can say."""
        claims = list(document["claims"])
        for at in self._some(range(len(claims)), 2):
            status = self.draw.choice(["set-aside", "undecided"])
            claims[at] = claims[at] | {"status": status, "set_aside": "Another source says otherwise."}
        return {"claims": claims}

    # -- parts and wholes --

    def _join(self, number):
        """Make some published projects parts of others, and some parts of none."""
        whole_of = dict(Project.objects.exclude(part_of=None).values_list("pk", "part_of"))
        published, joined = self._published(), {}
        for key in self._some(published, number, least=number):
            if key in whole_of and self.draw.random() < 0.3:
                del whole_of[key]
                joined[key] = None, False
                continue
            parts = sorted(whole_of.keys() & set(published)) or published  # so that some are several levels deep
            whole = self.draw.choice(self.draw.choice([parts, parts, published]))
            if _fits(whole_of | {key: whole}):
                whole_of[key] = whole
                joined[key] = whole, self.draw.random() >= 0.4
        documents = current(Project, {*joined, *whole_of.values()})
        for key, (whole, has_its_sums) in joined.items():
            documents[key] = documents[key] | {"part_of": whole and {"slug": whole, "title": ""}}
            if has_its_sums:  # in the same currencies, so that they count there
                documents[key] = documents[key] | _sums_like(documents[whole])
        self._write(Project, {key: documents[key] for key in joined})

    # -- what is public --

    def _free(self):
        """Return the published projects that no other is part of."""
        return sorted(
            set(self._published()) - set(Project.objects.exclude(part_of=None).values_list("part_of", flat=True))
        )

    def _publish(self, number):
        published = set(self._published())
        hidden = Project.objects.exclude(state=State.PUBLISHED).order_by("pk").values_list("pk", "part_of")
        fit = [key for key, whole in hidden if whole is None or whole in published]
        set_state(Project, self._some(fit, number), State.PUBLISHED, **WHO)

    def _hide(self, number):
        """Withdraw some, put some back to draft, and delete one; leave a few."""
        keys = self._some(self._free(), min(number, len(self._published()) - 6))
        withdrawn, drafts = keys[::2], keys[1::2]
        set_state(Project, withdrawn, State.WITHDRAWN, **WHO)
        set_state(Project, drafts, State.DRAFT, **WHO)
        if len(free := self._free()) > 8:
            delete(Project, [self.draw.choice(free)], **WHO)

    def _merge(self, models):
        """Merge two organisations, and two projects."""
        user, _ = get_user_model().objects.get_or_create(username="merger", is_superuser=True, is_staff=True)
        keys = Organisation.objects.published().exclude(pk="european-union").order_by("pk").values_list("pk", flat=True)
        for model, values in zip(models, (keys, self._free()), strict=True):
            if len(values) < 8:
                continue
            pair = self._some(values, 2, least=2)
            seen = {key: revision.pk for key, revision in newest(model, pair).items()}
            try:
                merges.merge(user, model, *pair, seen=seen, reason="They are one.", rules=MERGE_RULES[model])
            except (merges.CannotMerge, Refused):
                continue
            if model is Organisation:
                kept, merged = pair
                moved = {old: kept if new == merged else new for old, new in self.moved.items()}
                self.moved = moved | {merged: kept}


def _sums_like(whole):
    paid = [part | {"amount": "70.10"} if part["amount"] else part for part in whole["contributions"]]
    return {"contributions": paid, "budget": whole["budget"] and whole["budget"] | {"amount": "12345.67"}}


def _fits(whole_of):
    """Whether wholes and parts make no circle, and are at most LEVELS deep."""
    depths = [0]
    for part in whole_of:
        levels, passed = [part], {part}
        while levels[-1] in whole_of:
            levels.append(whole_of[levels[-1]])
            if levels[-1] in passed:
                return False
            passed.add(levels[-1])
        depths.append(len(levels))
    return max(depths) <= LEVELS
