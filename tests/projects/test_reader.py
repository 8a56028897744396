"""What rules read in texts: the source of the register, and two texts that nobody looked at when they were written."""

import json
from collections import Counter

import pytest
from django.conf import settings
from django.contrib import admin

from instruments.models import Country, Instrument, Partnership
from projects.admin.reader import OrganisationReader, ProjectReader
from projects.models import Organisation, Project
from provenance.admin import desk
from provenance.documents.passages import overlooked
from provenance.models import Revision
from tests.support.staff import PUBLISHED, WITHDRAWN, make

pytestmark = [pytest.mark.django_db, pytest.mark.one_database]


def read(text):
    return ProjectReader(Project, text)


def offered(text, passages):
    """{(member, words)} of all offers."""
    return {(each.member, " ".join(text[each.start : each.end].split())) for one in passages for each in one.offers}


def items(reader, member):
    return [item for one in reader.passages() for each in one.offers if each.member == member for item in each.items]


@pytest.fixture
def names(db):
    """A register that knows a few names, and no project."""
    make(Country, "UA", name="Ukraine")
    make(Country, "BY", name="Belarus")
    make(Instrument, "NDICI", name="Global Europe", kind="eu")
    make(Organisation, "european-union", name="European Union", acronym="EU")
    make(Organisation, "unhcr", name="United Nations High Commissioner for Refugees", acronym="UNHCR")
    make(Organisation, "sida", name="Swedish International Development Cooperation Agency", acronym="Sida")
    make(Organisation, "giz", name="GIZ")
    make(
        Partnership,
        "action-plan",
        name="EU-Ukraine Visa Liberalisation Action Plan",
        kind="visa-liberalisation-action-plan",
    )


def test_most_claims_of_the_register_are_offered_from_its_text(register, source_text):
    projects = json.loads((settings.BASE_DIR / "fixtures/projects.json").read_text())
    Project.objects.all().delete()
    revisions = Revision.objects.count()
    passages = read(source_text).passages()
    offers = [
        {(o.member, source_text[o.start : o.end], source_text[o.sentence.start : o.sentence.end]) for o in one.offers}
        for one in passages
    ]
    claims = [
        (at, (claim["field"], claim["as_stated"], claim["quote"]))
        for at, project in enumerate(projects)
        for claim in project["claims"]
    ]
    assert len(offers) == len(projects) == 8
    assert len(claims) == 86
    assert sum(claim in offers[at] for at, claim in claims) >= 84
    claimed = [{claim for at, claim in claims if at == number} for number in range(8)]
    others = Counter(member for own, stated in zip(offers, claimed, strict=True) for member, *_words in own - stated)
    # What no claim has is true as well: a shorter title, one country of two, several aims as one, “planned”.
    assert others == {"title": 3, "countries": 2, "objectives": 2, "status": 1}
    assert (Revision.objects.count(), Project.objects.count()) == (revisions, 0)


REPORT = """Annual report 2021

We supported partners in many places. The budget of the Commission grew to EUR 5 billion.

Ukraine

The Safe Return Project (SAFER) was launched in March 2019 and will run until the end of 2022. It is implemented by
UNHCR and GIZ in partnership with the Ministry of Social Policy. The project, with a total budget of EUR 4,500,000,
is funded by the European Union under NDICI for EUR 4 million and by Sida. Its objective is to help displaced families
find work, and to train 400 officials.

In line with the EU-Ukraine Agreements, in particular the Visa Liberalisation Action Plan, more is to follow.
"""

LEAFLET = """BORDERS is a project in Belarus. Funded by the EU (€2.5m), it aims at modernising two crossings, training
guards, and buying scanners.

It lasted from 1 May 2012 to 30 June 2014 and was led by Sida.

The programme Safer Roads will be managed by GIZ. It is expected to start in 2026 and will end in May 2028.
"""


def test_report_is_read_by_the_same_rules(names):
    reader = read(REPORT)
    offers = offered(REPORT, reader.passages())
    assert len(reader.passages()) == 1
    assert offers >= {
        ("title", "Safe Return Project"),
        ("acronym", "SAFER"),
        ("countries", "Ukraine"),
        ("start_date", "March 2019"),
        ("end_date", "will run until the end of 2022"),
        ("organisations", "implemented by UNHCR"),
        ("organisations", "GIZ"),
        ("organisations", "in partnership with the Ministry of Social Policy"),
        ("budget", "EUR 4,500,000"),
        ("contributions", "funded by the European Union under NDICI for EUR 4 million"),
        ("partnerships", "EU-Ukraine Agreements, in particular the Visa Liberalisation Action Plan, more is to follow"),
    }
    assert "5 billion" not in str(offers)  # no project there
    roles = [(each["slug"], each["role"], each["role_as_stated"]) for each in items(reader, "organisations")]
    assert roles == [("unhcr", "implementer", "implemented by"), ("giz", "implementer", "implemented by")]
    assert items(reader, "partnerships")[0]["slug"] == "action-plan"
    paid = [(each["funder"]["slug"], each["amount"]) for each in items(reader, "contributions")]
    assert ("european-union", "4000000.00") in paid


def test_leaflet_is_read_by_the_same_rules(names):
    reader = read(LEAFLET)
    one, other = reader.passages()
    assert offered(LEAFLET, [one]) >= {
        ("title", "BORDERS"),
        ("countries", "in Belarus"),
        ("budget", "€2.5m"),
        ("objectives", "modernising two crossings"),
        ("objectives", "training guards"),
        ("objectives", "buying scanners"),
        ("start_date", "1 May 2012"),
        ("end_date", "30 June 2014"),
        ("status", "lasted from 1 May 2012 to 30 June 2014"),
        ("organisations", "led by Sida"),
    }
    assert offered(LEAFLET, [other]) >= {
        ("title", "Safer Roads"),
        ("organisations", "managed by GIZ"),
        ("status", "expected to start"),
        ("start_date", "expected to start in 2026"),
    }
    planned = [(each.member, each.items[0]) for each in other.offers if each.member.endswith("_date")]
    assert [(member, item["value"], item["planned"]) for member, item in planned] == [
        ("start_date", "2026", True),
        ("end_date", "2028-05", True),
    ]


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        ("EUR 4 million from the EU under NDICI", "It has {} and a team in Ukraine."),
        ("The EU contributes EUR 4 million through NDICI", "{}, as agreed."),
        ("4 millions d’euros de l’EU au titre de NDICI", "Il reçoit {}."),
    ],
)
def test_sum_of_a_funder_is_offered_with_its_instrument(names, words, sentence):
    text = "The Safe Return Project runs in Ukraine. " + sentence.format(words)
    reader = read(text)
    assert ("contributions", words) in offered(text, reader.passages())
    [paid] = items(reader, "contributions")
    assert (paid["funder"]["slug"], paid["instrument"]["code"], paid["amount"]) == (
        "european-union",
        "NDICI",
        "4000000.00",
    )


FRENCH = """Le projet Retour Sûr en Ukraine a débuté le 1er mars 2019 et s’est achevé en décembre 2022. Il est mis en œuvre par
UNHCR et dirigé par GIZ en partenariat avec Sida. Son budget est de 2,5 millions d’euros, dont 1 716 000 EUR de l’EU.

Le programme Frontières en Belarus, en cours depuis mai 2020, est financé par l’EU à hauteur de deux millions d’euros.
Il durera jusqu’en 2026.
"""


def test_french_text_is_read_by_the_same_rules(names):
    reader = read(FRENCH)
    one, other = reader.passages()
    values = {(each.member, desk.in_words(each)) for each in one.offers}
    assert values >= {
        ("title", "Retour Sûr"),
        ("countries", "Ukraine (UA)"),
        ("start_date", "2019-03-01"),
        ("end_date", "2022-12"),
        ("status", "completed"),
        ("budget", "EUR 2,500,000"),
        ("contributions", "European Union, EUR 1,716,000"),
    }
    roles = [(each["slug"], each["role"]) for each in items(reader, "organisations")]
    assert roles == [("unhcr", "implementer"), ("giz", "lead"), ("sida", "partner")]
    assert ("budget", "EUR 1,716,000") not in values
    values = {(each.member, desk.in_words(each)) for each in other.offers}
    assert values >= {
        ("status", "ongoing"),
        ("start_date", "2020-05"),
        ("end_date", "2026"),
        ("contributions", "European Union, EUR 2,000,000"),
    }


def test_claims_of_other_records_are_offered_from_the_text_of_the_register(register, source_text):
    counts = {}
    for model in (Instrument, Partnership, Organisation):
        reader, numbers = admin.site.get_model_admin(model).reader, []
        for row in json.loads((settings.BASE_DIR / f"fixtures/{model._meta.model_name}s.json").read_text()):
            names = {"name": row["name"], "code": row.get("code"), "acronym": row.get("acronym")}
            offers = offered(source_text, reader(model, source_text, names).passages())
            numbers += [(claim["field"], claim["as_stated"]) in offers for claim in row["claims"]]
        counts[model] = sum(numbers), len(numbers)
    assert counts == {Instrument: (25, 28), Partnership: (22, 22), Organisation: (9, 9)}


def test_names_of_the_record_itself_are_offered(names):
    text = "Nothing.\n\nMore is known of Sida, an international NGO of Ukraine, identified as SE-ORG-1."
    reader = OrganisationReader(Organisation, text, {"name": "Sida", "aliases": "Nobody\nNo one"})
    [passage] = reader.passages()
    assert offered(text, [passage]) == {
        ("name", "Sida"),
        ("kind", "international NGO"),
        ("country", "Ukraine"),
        ("identifier", "SE-ORG-1"),
    }
    assert [desk.in_words(each) for each in passage.offers if each.member == "kind"] == ["International NGO (21)"]


@pytest.mark.parametrize(
    ("member", "words", "item"),
    [
        ("budget", "a grant of 1.200.000 euros", {"amount": "1200000.00", "currency": "EUR"}),
        ("budget", "2.584 EUR", None),  # two thousand, or two and a half
        ("end_date", "from 2012 to 2014", "2014"),
        ("start_date", "from 2012 to 2014", "2012"),
        ("countries", "Україна", None),  # a name in capitals of its own, but no word of English
        ("organisations", "led by Nobody Known", None),
        ("title", "Any  words\nat all", "Any words at all"),
    ],
)
def test_words_that_a_person_marks_are_read_for_a_member(names, member, words, item):
    readings = read(words).read(member, 0, len(words))
    value = readings[0] if readings else None
    if member == "countries":
        assert value == {"code": "UA", "name": "Ukraine"}
    else:
        assert (value.get("value", value) if isinstance(value, dict) else value) == item


def test_name_that_two_records_have_is_not_read(names):
    make(Organisation, "other", name="GIZ")
    assert read("It is led by GIZ.").read("organisations", 0, 17) == []


def test_name_of_a_withdrawn_record_is_not_read(names):
    make(Organisation, "old", WITHDRAWN, name="Old Agency")
    words = "It is led by the Old Agency."
    assert read(words).read("organisations", 0, len(words)) == []
    Organisation.objects.filter(pk="old").update(state=PUBLISHED)
    assert [each["slug"] for each in read(words).read("organisations", 0, len(words))] == ["old"]


@pytest.mark.parametrize(
    "text",
    [
        "The " + "A-" * 1400 + "x",
        "The " + "Aa " * 900 + "x",
        "funded by " + "Ab, and " * 300,
        "led by " + "A and the " * 290,
        "EUR 5 in 2012 " * 200,
        "aims to " * 350,
        "The GIZ and the EU " * 10_000,
        "x" * 1_000_000,
        "1 " * 500_000,
        ". " * 100_000,
        "EUR 5 in 2012 " * 70_000,
    ],
    ids=range(11),
)
def test_odd_texts_are_read_to_the_end(names, text):
    """A pattern that tries everything would take days."""
    read(text).passages(0, 500)
    overlooked(text, [])
