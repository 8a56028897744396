"""The glossary: terms of the field, explained in our own words."""

from typing import NamedTuple

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _


class GlossaryEntry(NamedTuple):
    """A term with its explanation. Its ``anchor`` never changes."""

    anchor: str
    name: Promise
    explanation: Promise


# The anchors of instruments are their codes, those of agreements their kinds, those of organisations their slugs.
TERMS = [
    GlossaryEntry("agreement", _("Agreement"), _(
        "In this register: an agreement or action plan between the EU and a partner country that a source names for a"
        " project. It may be a Mobility Partnership, a visa facilitation agreement, a readmission agreement or a visa"
        " liberalisation action plan. Addresses and data files call it “partnership”."
    )),
    GlossaryEntry("amif", _("AMIF – Asylum, Migration and Integration Fund"), _(
        "An EU fund, created in 2014, for asylum, legal migration, integration and return."
    )),
    GlossaryEntry("as-of", _("As of"), _(
        "“As of” a date means: as the register was on that date. Later changes are left out."
    )),
    GlossaryEntry("claim", _("Claim"), _(
        "The evidence for a value in this register: the words of the source, the sentence around them and the source."
    )),
    GlossaryEntry("commitment", _("Commitment"), _(
        "A firm promise by a funder to provide a given amount. It is not a payment: the money may be paid later, in"
        " parts, or not in full."
    )),
    GlossaryEntry("contribution", _("Contribution"), _(
        "The amount that one funder provides for a project, according to a source. It does not say that the money has"
        " been paid."
    )),
    GlossaryEntry("dac", _("DAC – Development Assistance Committee"), _(
        "The committee of the OECD in which donor countries agree on rules for development aid. Its sector and purpose"
        " codes say what aid is for."
    )),
    GlossaryEntry("eastern-partnership", _("Eastern Partnership (EaP)"), _(
        "Cooperation, launched in 2009, between the EU, its Member States and six partner countries: Armenia,"
        " Azerbaijan, Belarus, Georgia, Moldova and Ukraine."
    )),
    GlossaryEntry("eni", _("ENI – European Neighbourhood Instrument"), _(
        "The main EU instrument for funding cooperation with countries east and south of the EU from 2014 to 2020. It"
        " replaced the ENPI."
    )),
    GlossaryEntry("enpi", _("ENPI – European Neighbourhood and Partnership Instrument"), _(
        "The EU instrument for the same countries, and for Russia, from 2007 to 2013, before the ENI."
    )),
    GlossaryEntry("gpgc", _("GPGC – Global Public Goods and Challenges"), _(
        "An EU programme for development cooperation from 2014 to 2020 on questions that concern many countries at"
        " once, such as climate, food, health, and migration and asylum."
    )),
    GlossaryEntry("iati", _("IATI – International Aid Transparency Initiative"), _(
        "An international initiative, and its standard for publishing data on aid in one common form."
    )),
    GlossaryEntry("icmpd", _("ICMPD – International Centre for Migration Policy Development"), _(
        "An international organisation that advises governments and carries out projects on migration."
    )),
    GlossaryEntry("instrument", _("Instrument"), _(
        "A fund or programme from which money for projects comes, such as the ENI."
    )),
    GlossaryEntry("integrated-border-management", _("Integrated border management (IBM)"), _(
        "Managing a border in such a way that all the services involved, such as border guards, customs and police,"
        " work together: within each service, between services and with other countries."
    )),
    GlossaryEntry("iom", _("IOM – International Organization for Migration"), _(
        "The United Nations agency for migration."
    )),
    GlossaryEntry("isf", _("ISF – Internal Security Fund"), _(
        "An EU fund, created in 2014, for internal security. Until 2020 it also covered borders and visas."
    )),
    GlossaryEntry("missing-information", _("Missing information"), _(
        "Information that no source in this register gives. Missing does not mean zero."
    )),
    GlossaryEntry("mobility-partnership", _("Mobility Partnership"), _(
        "A political declaration by the EU, some of its Member States and a partner country to work together on legal"
        " migration, irregular migration, and migration and development. It is not legally binding."
    )),
    GlossaryEntry("readmission", _("Readmission"), _(
        "When a country takes back people, usually its own nationals, who do not or no longer have the right to stay"
        " in another country."
    )),
    GlossaryEntry("readmission-agreement", _("Readmission agreement"), _(
        "An agreement on who is readmitted, under what conditions and by what procedure."
    )),
    GlossaryEntry("reintegration", _("Reintegration"), _(
        "Support for people who have returned to their country, for example to find work and a home there."
    )),
    GlossaryEntry("remainder", _("Remainder"), _(
        "The total budget minus the known contributions. No source says who funds it."
    )),
    GlossaryEntry("tpma", _("TPMA – Thematic Programme for Migration and Asylum"), _(
        "An EU programme from 2007 to 2013 for cooperation with countries outside the EU on migration and asylum."
    )),
    GlossaryEntry("visa-facilitation-agreement", _("Visa facilitation agreement"), _(
        "An agreement that makes it easier for citizens of a partner country to get visas for short stays, for example"
        " through lower fees and fewer documents."
    )),
    GlossaryEntry("visa-liberalisation-action-plan", _("Visa liberalisation dialogue and action plan"), _(
        "The dialogue is about what a partner country has to do before its citizens may travel to the EU without a visa"
        " for short stays. The action plan lists these steps."
    )),
]  # fmt: skip
ANCHORS = {term.anchor for term in TERMS}
