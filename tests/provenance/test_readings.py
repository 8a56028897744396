"""How the words of a source read beside a value: as it, as our reading of them, or otherwise."""

import os
from collections import Counter
from pathlib import Path

import pytest
from django.apps import apps
from hypothesis import example, given, settings
from hypothesis import strategies as st

from imports import iati
from projects.models import Project
from provenance.documents.readings import READINGS, reading, states
from provenance.models import Record
from provenance.store import writer
from tests.conftest import EXAMPLES
from tests.support.loops import at_least_one

pytestmark = pytest.mark.one_database

SAMPLES = os.environ.get("IATI_SAMPLES_DIR")
needs_samples = pytest.mark.skipif(not SAMPLES, reason="IATI_SAMPLES_DIR does not name real files")


def euros(amount):
    return {"amount": amount, "currency": "EUR"}


def day(value, planned=False):
    return {"value": value, "precision": "", "planned": planned}


@pytest.mark.parametrize(
    ("text", "value", "is_read"),
    [
        ("funded by EU (EUR 3 millions)", euros("3000000.00"), True),
        ("EUR 2.584.000", euros("2584000.00"), True),
        ("€ 2 584 000,50", euros("2584000.50"), True),
        ("EUR 2.6 million", euros("2600000.00"), True),
        ("EUR 2.584", euros("2584.00"), False),
        ("EUR 2.584.000", euros("25840.00"), False),
        ("2584000", euros("2584000.00"), False),
        ("USD 3 millions", euros("3000000.00"), False),
        ("EUR 3 millions in 2012", euros("3000000.00"), False),
        ("EUR 3-Million", euros("3000000.00"), True),
        ("EUR 3 million", euros("3.00"), False),
        ("EUR 1,234 million", euros("1234000.00"), False),
        ("EUR 20M", euros("20.00"), False),
        ("EUR 20 Mrd", euros("20.00"), False),
        ("EUR 400 k", euros("400000.00"), True),
        ("US$ 400", {"amount": "400.00", "currency": "USD"}, True),
        ("CAD$ 400", {"amount": "400.00", "currency": "USD"}, False),
        ("-EUR 400", euros("400.00"), False),
        ("Total: −400 EUR", euros("400.00"), False),
        ("Total – EUR 400", euros("400.00"), True),
        ("C$ 400", {"amount": "400.00", "currency": "USD"}, False),
        ("$ 400", {"amount": "400.00", "currency": "USD"}, True),
        ("2012-05-31 to 2013-05-31", day("2013-05-31"), False),
        ("2013-05-31", day("2013-05-31"), True),
        ("not completed", "completed", False),
        ("ended in January 2012", day("2012-01"), True),
        ("ended in January 2012", day("2012"), True),
        ("ended in January 2012", day("2012-02"), False),
        ("3 May 2012", day("2012-05-03"), True),
        ("3/4/2014", day("2014-04"), False),
        ("from 2010 to 2013", day("2010"), False),
        ("planned from 2016", day("2016"), False),
        ("planned from 2016", day("2016", planned=True), True),
        ("NEXUS, on migration", "Nexus", True),
        ("NEXUS, on migration", "Nex", False),
        ("Component 2: asylum", {"number": 2, "title": "asylum"}, True),
        ("Component 2: asylum", {"number": 3, "title": "asylum"}, False),
        ("former", True, False),
    ],
)
def test_text_is_read_as_a_value_only_where_it_says_all_of_it(text, value, is_read):
    assert states(text, value) is is_read


def read(field, text, value, quote=None):
    """How a claim reads beside ``value`` where it is the only one."""
    claim = {"field": field, "as_stated": text, "quote": quote or text, "source": {"slug": "paper"}, "set_aside": None}
    return reading(claim, {field: value, "claims": [claim]})


def dated(value):
    return {"value": value, "precision": "", "earliest": "", "latest": "", "planned": False}


def named(name, slug="x"):
    return [{"slug": slug, "name": name, "role": "lead", "role_as_stated": None, "component": None}]


def paid(name, amount=None, code=None):
    funder, instrument = {"slug": "x", "name": name}, code and {"code": code, "name": f"The {code}"}
    return [{"funder": funder, "instrument": instrument, "amount": amount, "currency": amount and "EUR"}]


GEORGIA = [{"code": "GE", "name": "Georgia"}]
OTHERWISE = [
    ("organisations", "an international NGO", [{**named("IOM")[0], "kind": "10"}]),
    ("components", "two components", [{"number": number, "title": "asylum"} for number in (1, 2, 3)]),
    ("organisations", "IOM Armenia (partner)", [{**named("IOM")[0], "called": ["IOM Armenia"]}]),
    (
        "organisations",
        "the office, in the capital",
        [{**named("IOM")[0], "role": "partner"}],
        "the office, in the capital (lead)",
    ),
    ("organisations", "Poland", named("Poland"), "Lead: IOM, then Poland (partner)"),
    ("end_date", "2010 to the end of 2013", dated("2010")),
    ("status", "ongoing", "ongoing", 'status="ongoing" Completed'),
    # sums
    ("budget", "EUR 2.584.000", euros("3000000.00")),
    ("budget", "EUR 2.584.000", euros("2584000.01")),
    ("budget", "EUR 3 million", euros("6000000.00")),
    ("budget", "two million euros", euros("3000000.00")),
    ("budget", "EUR 1 million and EUR 2 million", euros("4000000.00")),
    ("budget", "about EUR 2.6 million", euros("2584000.00")),
    ("contributions", "EUR 3 million by France", paid("France", "2000000.00")),
    # units
    ("budget", "EUR 3 million", euros("3000.00")),
    ("budget", "EUR 3 million", euros("3000000000.00")),
    ("budget", "EUR 2.5 bn", euros("2500000.00")),
    ("budget", "EUR 400 k", euros("400.00")),
    ("budget", "EUR 2,584 thousand", euros("2584.00")),
    # parts of sums
    ("budget", "half of EUR 4 million", euros("4000000.00")),
    ("budget", "12.5 per cent of EUR 8 million", euros("8000000.00")),
    ("budget", "la moitié de 6 millions d'euros", euros("6000000.00")),
    # currencies
    ("budget", "USD 3 million", euros("3000000.00")),
    ("budget", "3 million dollars", euros("3000000.00")),
    ("budget", "£3,000,000", euros("3000000.00")),
    ("budget", "3 000 000 lei", euros("3000000.00")),
    ("budget", "3000000", euros("3000000.00"), "amount: 3000000; currency: USD"),
    # years, months, days
    ("start_date", "2012", dated("2013")),
    ("start_date", "since May 2012", dated("2011-05")),
    ("start_date", "from 2010 to 2013", dated("2012")),
    ("start_date", "May 2012", dated("2012-06")),
    ("start_date", "mai 2012", dated("2012-06")),
    ("start_date", "12/05/2012", dated("2012-06")),
    ("start_date", "31 May 2012", dated("2012-05-30")),
    ("start_date", "31 June 2012", dated("2012-06")),
    ("start_date", "12/05/2012", dated("2012-05-13")),
    ("start_date", "2012", dated("2012-01-01")),
    ("status_as_of", "2012-05-01T05:00:00Z", "2011-05-01"),
    ("start_date", "2012-05-31", dated("2012-05-31"), '<activity-date iso-date="2012-05-31">June 2013</activity-date>'),
    # organisations and funders
    ("organisations", "led by France", named("Czech Republic")),
    ("organisations", "IOM", named("ICMPD")),
    ("organisations", "iom", named("ICMPD", "icmpd")),
    ("organisations", "the Ministry of Justice", named("Ministry of Finance")),
    ("organisations", "Swedish Public Employment Service", named("Moldovan National Employment Agency")),
    ("contributions", "funded by France", paid("European Union")),
    ("contributions", "France contributes EUR 1 million", paid("Czech Republic", "1000000.00")),
    ("contributions", "funded by EU under the TPMA", paid("European Union", code="ENI")),
    # countries
    ("countries", "Armenia", GEORGIA),
    ("countries", "AM", GEORGIA),
    ("countries", "la Moldavie", GEORGIA),
    ("countries", "GE", GEORGIA, '<recipient-country code="GE"><narrative>Armenia</narrative></recipient-country>'),
    # titles and other words
    ("title", "NEXUS", "ENIGMMA"),
    ("title", "SCIBM 3", "SCIBM 2"),
    ("summary", "to train 300 border guards", "to train 200 border guards"),
    ("title", "Support to migration in Georgia", "Support to migration in Armenia"),
    ("title", "Appui à la gestion des frontières", "Soutien à la lutte contre la traite"),
    ("organisations", "the Ministry of Defence", named("Ministry of Justice")),
    ("organisations", "led by UNHCR", [{**named("IOM")[0], "called": ["Organisation pour les migrations"]}]),
    ("acronym", "NX", "NEXUS"),
    ("components", "Component 2: asylum", [{"number": 1, "title": "asylum"}]),
    ("part_of", "Eastern Partnership Facility", {"slug": "nexus", "title": "NEXUS"}),
    ("status", "completed", "ongoing"),
    ("status", "Currently", "completed"),
    ("status", "a été achevé en 2012", "ongoing"),
    ("status", "est en cours", "planned"),
    ("status", "no longer running", "ongoing"),
    ("organisations", "International Organisation for Migration", named("ICMPD")),
    ("contributions", "l’Union européenne", paid("France")),
    ("status", "not completed", "completed"),
    ("status", "n’est pas achevé", "completed"),
    ("budget", "EUR 3 million", None),
    # parts of sums, sums in words, ranges
    ("budget", "80% of the total budget of EUR 2,000,000", euros("2000000.00")),
    ("budget", "80% of the total eligible cost of EUR 2 million", euros("2000000.00")),
    ("budget", "EUR 3.2 million, of which EUR 2.6 million from the EU", euros("2600000.00")),
    ("budget", "2 584 000 EUR, dont 1 716 000 EUR de l’UE", euros("1716000.00")),
    ("budget", "un demi-million d’euros", euros("1000000.00")),
    ("budget", "two hundred thousand euros", euros("2000000.00")),
    ("budget", "quatre-vingt-dix mille euros", euros("80000.00")),
    ("budget", "from EUR 2 million to EUR 3 million", euros("5000000.00")),
    ("budget", "3", euros("3.00"), "The budget is EUR 3 million."),
    ("budget", "T€ 500", euros("500.00")),
    ("budget", "2 million Czech crowns", euros("2000000.00")),
    ("budget", "2 millions de livres sterling", euros("2000000.00")),
    ("budget", "EUR 3 million", euros("3000000.00"), "Half of EUR 3 million was granted."),
    ("budget", "ＥＵＲ ３，０００，０００", euros("2000000.00")),
    ("budget", "3 000 000", euros("3000000.00"), "USD 3\u00a0000\u00a0000"),
    # dates in words, or of which the claim has only a part
    ("start_date", "two thousand and twelve", dated("2013")),
    ("start_date", "May", dated("2012-05"), "It runs from May 2013."),
    # another role
    ("organisations", "implemented by IOM", named("IOM")),
    ("organisations", "mis en œuvre par l’OIM", [{**named("IOM")[0], "called": ["OIM"]}]),
    ("organisations", "le Ministère de la Défense de la Géorgie", named("Ministry of Defence of Armenia")),
    # the other end of a period
    ("start_date", "from May to September 2012", dated("2012-09")),
    ("start_date", "from 2010 to 2013", dated("2013")),
    ("end_date", "2009-2012", dated("2009")),
    ("end_date", "started in May 2010 and ended in June 2013", dated("2010-05")),
    ("start_date", "May ’12", dated("2013-05")),
    ("start_date", "ended in 2015", dated("2015")),
    ("start_date", "all activities were over in 2015", dated("2015")),
    ("start_date", "Sep-14", dated("2014-10")),
    ("start_date", "04.03.2013", dated("2013-04-03"), "Start (dd.mm.yyyy): 04.03.2013"),
    ("start_date", "04/03/2013", dated("2013-03-04"), "Start (mm/dd/yyyy): 04/03/2013"),
    ("countries", "MDA", [{"code": "GE", "name": "Georgia"}], "Country: MDA"),
    ("status", "2", "completed", 'code="2"'),
    ("status", "Status: Pipeline/identification", "completed"),
    ("organisations", "UNDP (lead agency), IOM (partner)", named("International Organization for Migration")),
    ("end_date", "June 2014", dated("2014-06"), "The project started in June 2014."),
    ("start_date", "30/06/2016", dated("2016-06-30"), "Start date: 01/01/2014; End date: 30/06/2016"),
    ("start_date", "2016-06-30", dated("2016-06-30"), 'type="4" iso-date="2016-06-30"'),
    ("start_date", "până în 2014", dated("2014")),
    ("end_date", "signed on 14 May 2013", dated("2013-05-14")),
    ("start_date", "signed in 2012, started in 2013", dated("2012")),
    ("end_date", "24 months from June 2012", dated("2015-05")),
    # another role, as the words beside a name say it
    ("organisations", "Lead: IOM", [{**named("IOM")[0], "role": "partner"}]),
    ("organisations", "IOM (partner)", named("IOM")),
    ("organisations", "IOM", named("IOM"), "The project is led by ICMPD; IOM is a partner."),
    ("organisations", "led by ICMPD, IOM being one of the partners", named("IOM")),
    ("organisations", "chef de file : IOM", [{**named("IOM")[0], "role": "implementer"}]),
    # parts: how many, and called otherwise
    ("components", "three components", [{"number": 1, "title": "asylum"}, {"number": 2, "title": "return"}]),
    ("components", "Component 1: border management", [{"number": 1, "title": "asylum"}]),
    # the last status counts; not yet started is planned
    ("status", "Phase 1 was completed, phase 2 is under way", "completed"),
    ("status", "has not started yet", "completed"),
    # currencies in capitals and Cyrillic, units of headings
    ("budget", "75 000 Swiss Francs", euros("75000.00")),
    ("budget", "2 млн долларов", euros("2000000.00")),
    ("budget", "650", euros("650.00"), "Title: NEXUS; Budget (k€): 650; Country: MD"),
    # what is denied, or of another people or body
    ("organisations", "IOM", named("IOM"), "IOM is not involved in the project."),
    ("contributions", "EUR 5", paid("Germany", "5.00"), "Germany declined to pay EUR 5."),
    ("start_date", "did not start in 2012", dated("2012")),
    ("budget", "did not receive EUR 3 million", euros("3000000.00")),
    ("budget", "EUR 3,000,000", euros("3000000.00"), "It did not receive EUR 3,000,000."),
    ("countries", "all countries but not Georgia", GEORGIA),
    ("countries", "tous les pays sauf la Géorgie", GEORGIA),
    ("countries", "Moldovan authorities", GEORGIA),
    ("organisations", "ICMPD is not involved", named("ICMPD")),
    ("countries", "Georgia", GEORGIA, "It covers Armenia, but not Georgia."),
    ("countries", "Géorgie", GEORGIA, "Le projet ne concerne pas la Géorgie."),
    ("organisations", "IOM", named("IOM"), "It does not fall under the IOM."),
    ("status", "ongoing", "ongoing", "The project is no longer ongoing."),
    (
        "organisations",
        "led by the International Organisation for Migration",
        named("International Centre for Migration Policy Development"),
    ),
    ("organisations", "Organisation internationale pour les migrations", named("ICMPD")),
    (
        "organisations",
        "International Organisation for Migration",
        named("International Centre for Migration Policy Development"),
    ),
]
AS_VALUE = [
    ("contributions", "EUR 3 million, of which EUR 2 million from the EU", paid("European Union", "2000000.00")),
    ("organisations", "IOM", named("IOM"), "IOM acts independent of ICMPD."),
    ("start_date", "Start (and end of phase 1): 2012", dated("2012")),
    ("organisations", "IOM", [{**named("IOM")[0], "role": "partner"}], "The work of IOM leads to safer borders."),
    ("organisations", "IOM", named("IOM"), "IOM in partner countries"),
    ("organisations", "IOM", [{**named("IOM")[0], "role": "partner"}], "carried out by ICMPD for IOM"),
    ("budget", "650 EUR", euros("650.00"), "Budget (k€): 650 EUR"),
    ("budget", "650", euros("650000.00"), "Budget (T€): 650"),
    ("budget", "650", euros("650000.00"), "Montant, en milliers d’euros: 650"),
    ("status", "Completed", "completed", '<activity-status code="3">Completed, was ongoing</activity-status>'),
    ("start_date", "will start once the previous project ends in January 2014", dated("2014-01")),
    ("end_date", "started when the grant was paid and ended in 2014", dated("2014")),
    ("start_date", "Sep-14", dated("2014-09")),
    ("start_date", "04.03.2013", dated("2013-03-04"), "Start (dd.mm.yyyy): 04.03.2013"),
    ("end_date", "2015 (after COVID-19)", dated("2015")),
    ("countries", "MDA", [{"code": "MD", "name": "Moldova"}], "Country: MDA"),
    ("status", "All activities were completed; a follow-up is planned", "completed"),
    ("organisations", "UNDP (partner), IOM (lead)", named("International Organization for Migration")),
    ("end_date", "until the end of 2015", dated("2015")),
    ("end_date", "30/06/2016", dated("2016-06-30"), "Start date: 01/01/2014; End date: 30/06/2016"),
    ("start_date", "started at the end of 2013", dated("2013")),
    ("start_date", "signed in 2012", dated("2012")),
    ("organisations", "IOM (lead), Poland (partner)", named("IOM")),
    ("organisations", "Poland", [{**named("Poland")[0], "role": "partner"}], "IOM (lead), Poland (partner)"),
    ("organisations", "IOM", named("IOM"), "Partners: Poland; Lead: IOM"),
    ("organisations", "IOM", [{**named("IOM")[0], "role": "implementer"}], "ICMPD leads and IOM implements it."),
    ("organisations", "IOM and its partners", [{**named("IOM")[0], "role": "implementer"}]),
    ("organisations", "OIM", named("IOM")),
    (
        "organisations",
        "Agent d’exécution : PNUD",
        [{**named("United Nations Development Programme")[0], "role": "implementer"}],
    ),
    *(
        ("organisations", f"{heading}: IOM", [{**named("IOM")[0], "role": "implementer"}])
        for heading in ("Local partner", "Partner in charge", "Partenerul de implementare", "Realizační partner")
    ),
    ("organisations", "IOM Role in this register: partner. Given as role 4", named("IOM")),
    ("budget", "650", euros("650000.00"), "Title: NEXUS; Budget (k€): 650; Country: MD"),
    ("budget", "3,200 (thousand euro)", euros("3200000.00")),
    ("status", "ongoing", "ongoing", "The project is ongoing and not completed."),
    ("budget", "EUR 2.584", euros("2584.00")),
    ("budget", "2,5 Mio. EUR", euros("2500000.00")),
    ("budget", "€2.5m", euros("2500000.00")),
    ("budget", "half of EUR 4 million", euros("2000000.00")),
    ("budget", "80% of the total eligible cost of EUR 2 million", euros("1600000.00")),
    ("budget", "EUR 3.2 million, of which EUR 2.6 million from the EU", euros("3200000.00")),
    ("budget", "50% of the EUR 3,000,000", euros("1500000.00")),
    ("budget", "a third of 6 million euros", euros("2000000.00")),
    ("budget", "EUR 2 to 3 million in 2012", euros("3000000.00")),
    ("budget", "3 millions d’euros", euros("3000000.00")),
    ("budget", "3000000", euros("3000000.00"), "amount: 3000000; currency: EUR"),
    ("budget", "２，５ Mio. ＥＵＲ", euros("2500000.00")),
    ("start_date", "since May 1st, 2012", dated("2012-05-01")),
    ("start_date", "the twenty-third of May two thousand twelve", dated("2012-05-23")),
    ("start_date", "le vingt et un mai 2012", dated("2012-05-21")),
    ("start_date", "in September 2012 for twelve months", dated("2012-09")),
    ("end_date", "Sept. 2012", dated("2012-09")),
    ("start_date", "May", dated("2012-05"), "from May to July 2012"),
    ("name", "Turkey", "Türkiye"),
    ("organisations", "implemented by Sweden, led by IOM", named("IOM")),
    ("start_date", "31.05.2012", dated("2012-05-31")),
    ("start_date", "31 05 2012", dated("2012-05-31")),
    ("start_date", "5/2014", dated("2014-05")),
    ("start_date", "2014/5", dated("2014-05")),
    ("start_date", "05 / 2014", dated("2014-05")),
    ("start_date", "2014.5.1", dated("2014-05-01")),
    ("start_date", "2009-12", dated("2009-12")),
    ("start_date", "1er mai 2012", dated("2012-05-01")),
    ("organisations", "led by the International Organization for Migration", named("IOM")),
    ("organisations", "IOM", named("International Organization for Migration")),
    ("organisations", "iom", named("Organization for Migration", "iom")),
    ("contributions", "the EU is co-funding", paid("European Union", "5.00")),
    ("organisations", "led by Sida", [*named("IOM"), {**named("The Agency")[0], "called": ["Swedish Agency", "Sida"]}]),
    ("countries", "EU-Georgia", GEORGIA),
    ("countries", "GE; AM", GEORGIA),
    ("countries", "la Géorgie", GEORGIA),
    ("title", "The NEXUS project", "NEXUS"),
    ("title", "Targeted Initiative", "Targeted Initiative in Georgia"),
    ("status", "planned for 2016", "planned"),
    ("budget", "one and a half million euro", euros("1500000.00")),
    ("budget", "un million et demi d’euros", euros("1500000.00")),
    ("budget", "two hundred and fifty thousand euros", euros("250000.00")),
    ("budget", "2.584 MEUR", euros("2584000.00")),
    ("budget", "kEUR 2,584", euros("2584000.00")),
    ("budget", "750 T€", euros("750000.00")),
    ("budget", "1", euros("1.00"), "slug: bp-1; budget_amount: 1; budget_currency: EUR"),
    ("start_date", "2014.5", dated("2014-05")),
    ("budget", "1.25 €m", euros("1250000.00")),
    ("budget", "not only EUR 3 million", euros("3000000.00")),
    ("budget", "EUR 3 million", euros("3000000.00"), "It received not only EUR 3 million."),
    ("countries", "Georgia and Armenia but not Azerbaijan", GEORGIA),
    ("budget", "3", euros("3000000.00"), "The budget is EUR 3 million."),
    ("contributions", "the French Government gave EUR 1 million", paid("France", "1000000.00")),
    ("contributions", "1,5 M€", paid("France", "1500000.00")),
    ("contributions", "300k", paid("France", "300000.00")),
    ("contributions", "CZ", paid("Czech Republic")),
    ("organisations", "led by Médecins Sans Frontières", named("Médecins Sans Frontières")),
]
OURS = [
    ("end_date", "2 years from June 2012", dated("2014-05")),
    ("start_date", "was postponed from 2012 to 2013", dated("2013")),
    ("components", "under component 1", [{"number": 1, "title": "asylum"}]),
    ("end_date", "24 months from June 2012", dated("2014-05")),
    ("start_date", "was to start in 2012 but was postponed to 2013", dated("2013")),
    ("start_date", "2012 (end: 2014)", dated("2012")),
    ("status", "Phase 1 was completed, phase 2 is under way", "ongoing"),
    ("status", "will be completed in 2017", "ongoing"),
    ("components", "two components", [{"number": 1, "title": "asylum"}, {"number": 2, "title": "return"}]),
    ("budget", "a generous sum", euros("3.00")),
    ("budget", "EUR 1 million and EUR 2 million", euros("3000000.00")),
    ("budget", "EUR 1 m from the EU and EUR 0.5 m from Sweden", euros("1500000.00")),
    ("contributions", "together EUR 3 million", [*paid("France", "2000000.00"), *paid("Sweden", "1000000.00")]),
    ("start_date", "from 2010 to 2013", dated("2010")),
    ("start_date", "12/05/2012", dated("2012-05-12")),
    ("start_date", "12/05/2012", dated("2012-12-05")),
    ("start_date", "began in January 2012", dated("2012")),
    ("status", "2", "ongoing", 'code="2"'),
    ("status", "currently implements planned activities", "ongoing"),
    ("start_date", "May to July 2012", dated("2012-05")),
    ("start_date", "the same year", dated("2012")),
    ("start_date", "brought forward from 2014 to 2013", dated("2013")),
    ("start_date", "2012 or 2013", dated("2012-05-03"), "in 2012 or 2013, from 3 May 2012"),
    ("organisations", "led by the Ministry", named("IOM")),
    ("organisations", "led by ICMPD", named("Danish Refugee Council", "icmpd")),  # renamed since
    ("partnerships", "the Partnership with Armenia", [{"slug": "eu-armenia-partnership", "name": "EU-Armenia MP"}]),
    ("organisations", "the local authorities", named("IOM")),
    ("organisations", "XM-DAC-41114", named("IOM")),
    ("organisations", "le Ministère de la Défense", named("Ministry of Justice")),
    ("title", "Appui à la gestion des frontières en Moldavie", "Support to border management in Moldova"),
    ("title", "Unterstützung der Grenzverwaltung", "Support to border management in Moldova"),
    ("summary", "train 300 guards at the border in 2012", "To train 300 guards who work at the border"),
    ("summary", "To train 1,000 border guards at the border", "To train 1000 guards at the border"),
    ("summary", "Sprijin pentru gestionarea frontierei", "Aims to support the management of the border"),
    ("countries", "the Georgian border", GEORGIA),
    ("title", "მიგრაცია", "Migration"),
    ("status", "Currently", "ongoing"),
    ("status", "not completed", "ongoing"),
    ("status", "has not ended", "ongoing"),
    ("status", "has been implemented since 2012", "ongoing"),
    ("status", "to be completed in 2012", "planned"),
    ("status", "2", "ongoing"),
    ("budget", "not stated", None),
    ("countries", "all partners except Armenia", GEORGIA),
    ("countries", "la police géorgienne", GEORGIA),
    ("contributions", "French", paid("France")),
    ("end_date", "2009–12", dated("2012")),
    ("end_date", "01/09/2013-31/08/2016", dated("2016-08-31")),
    ("end_date", "2014-20", dated("2020")),
    ("end_date", "signed in 2008, runs until 2010", dated("2010")),
]


@pytest.mark.parametrize(
    ("expected", "case"),
    [(word, case) for word, cases in zip(READINGS, (AS_VALUE, OURS, OTHERWISE), strict=True) for case in cases],
)
def test_words_read_as_the_value_as_our_reading_or_otherwise(expected, case):
    assert read(*case) == expected


@pytest.mark.parametrize(
    ("text", "word"),
    [
        ("10", "as-value"),
        ("Government", "as-value"),
        ("administration centrale", "as-value"),
        ("ONG nationale", "otherwise"),
        ("21", "otherwise"),
        ("Local Government", "otherwise"),
        ("21 ministries", "ours"),
    ],
)
def test_kind_is_read_by_its_code_or_name(text, word):
    assert read("kind", text, {"code": "10", "name": "Government"}) == word


@pytest.mark.parametrize(("slug", "word"), [("xx-pub-22b", "ours"), ("xx-pub-22c", "otherwise")])
def test_whole_that_names_a_part_by_its_identifier_is_meant(slug, word):
    claim = {
        "field": "part_of",
        "as_stated": "XX-PUB-22b",
        "quote": 'type="2" ref="XX-PUB-22b"',
        "source": {"slug": "x"},
    }
    whole = {"slug": "xx-pub-22p", "title": "Support to borders"}
    assert reading(claim, {"slug": slug, "part_of": whole, "claims": [claim]}) == word


def commitments(*texts, source="paper"):
    return [
        {
            "field": "contributions",
            "as_stated": text,
            "quote": f"<value>{text}</value>",
            "source": {"slug": source},
            "set_aside": None,
        }
        for text in texts
    ]


@pytest.mark.parametrize(
    ("claims", "is_otherwise"),
    [
        (commitments("4000000", "22500000"), False),
        (commitments("30000000", "-3500000"), False),
        (commitments("4000000", "22500001"), True),
        (commitments("26500000 paid by France", "26500000"), True),
        (commitments("4000000") + commitments("22500000", source="another"), True),
        ([*commitments("4000000"), commitments("22500000")[0] | {"set_aside": {"reason": "old"}}], True),
        (commitments(*["1"] * 100), False),
        (commitments("EU: 4000000", "EU: 22500000"), False),
        (commitments("EU: 4000000", "France: 22500000"), True),
    ],
)
def test_sums_of_one_source_are_read_together(claims, is_otherwise):
    document = {"contributions": paid("European Union", "26500000.00"), "claims": claims}
    assert (reading(claims[0], document) == "otherwise") is is_otherwise


def every_claim():
    """(document, claim) of every claim that the register adopts."""
    for model in apps.get_models():
        if issubclass(model, Record) and "claims" in [member.name for member in model.members]:
            for document in writer.current(model, model.objects.values_list("pk", flat=True)).values():
                yield from ((document, claim) for claim in document["claims"] if not claim["set_aside"])


def test_no_claim_of_the_seed_reads_otherwise_and_honest_readings_are_told(register):
    counts = Counter((claim["field"], reading(claim, document)) for document, claim in every_claim())
    ours = {field: count for (field, word), count in counts.items() if word == "ours"}
    assert ours == {"kind": 3, "status": 7, "end_date": 1, "partnerships": 1}
    assert {word for _field, word in counts} == {"as-value", "ours"}
    assert sum(counts.values()) == 149


@needs_samples
def test_no_claim_of_the_sample_files_reads_otherwise(register):
    for number, path in enumerate(at_least_one(sorted(Path(SAMPLES).glob("*.xml")))):
        source = {"slug": f"file-{number}", "title": path.name}
        read_file = iati.read(path, name=path.name, options={"countries": "*"}, source=source)
        for item in read_file.items:
            for claim in item.document["claims"]:
                if not claim["set_aside"]:
                    assert reading(claim, item.document) != "otherwise", claim


def test_claims_held_against_another_project_read_otherwise(register):
    """Nearly all: two projects may share a part of a value, or a source may say too little of both."""
    counts, projects = Counter(), writer.current(Project, Project.objects.values_list("pk", flat=True)).values()
    for claim, document, other in [
        (claim, one, other) for one in projects for claim in one["claims"] for other in projects
    ]:
        field = claim["field"]
        if other[field] and other[field] != document[field]:
            counts[field, reading(claim, {**other, "claims": [claim]})] += 1
    assert len(at_least_one([field for field, word in counts if word == "otherwise"])) == 12
    for field in ("summary", "countries", "budget", "start_date", "end_date", "organisations"):
        assert counts[field, "otherwise"] > 9 * (counts[field, "as-value"] + counts[field, "ours"]), (field, counts)


VALUES = [
    ("budget", euros("3.00")), ("start_date", dated("2012-05-31")), ("organisations", named("IOM")),
    ("contributions", paid("European Union", "3.00", "ENI")), ("countries", GEORGIA), ("title", "NEXUS"),
    ("status", "ongoing"), ("components", [{"number": 1, "title": "asylum"}]), ("summary", None), ("objectives", ["a"]),
]  # fmt: skip
WORDS = st.text(max_size=60) | st.text('0123456789.,-/ €$EUROmMayGé<>"', max_size=60)


@settings(max_examples=60 * EXAMPLES)
@given(WORDS, WORDS, st.sampled_from(VALUES))
@example("٣ ٤ ²²²² ½", "", ("budget", euros("3.00")))
@example("99/99/2012 0000 2012-99", "", ("start_date", dated("2012")))
def test_any_text_is_read(text, quote, value):
    assert read(value[0], text, value[1], quote) in READINGS
    assert states(text, value[1]) in (True, False)


@pytest.mark.parametrize("piece", ["EUR 3.000.000 ", "1 ", "1,000", "<a>", "May 2012 ", "Georgia ", "A-1/", "-", "is "])
@pytest.mark.parametrize("value", VALUES, ids=lambda value: value[0])
def test_long_text_is_read_to_the_end(piece, value):
    """A pattern that tries everything would take days."""
    text = (piece * 20_000)[:20_000]
    read(value[0], "3", value[1], "3")
    read(value[0], text[:2000], value[1], text)
