"""A list as it lies on a desk: other headings, names instead of keys, and what only a person can decide, asked once."""

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from imports import column_mapping, lifecycle, worker
from imports.storage import beside
from imports.tables.questions import key_of, together
from imports.tables.rejects import workbook_of
from imports.tables.row_groups import _SAME, _UNTITLED
from projects.models import Organisation, Project
from provenance.store.log import document_of, newest
from tests.support.uploads import confirmed, uploaded

pytestmark = pytest.mark.one_database

LIST = """Projets migration – liste de travail;;;;;;;;;
Etat au 12 juin 2016;;;;;;;;;
Project title;Acronym;Country;Start;End;Instrument;Budget;Currency;Lead;Notes
Return to Georgia;SRG;Georgia;03/04/2014;31/12/2016;ENI;2.584.000;EUR;ICMPD;ok
Labour in Moldova;LMM;Moldova;mars 2015;décembre 2018;ENI;2,5 M€;;IOM;press release
Border Armenia II;BA2;Armenia;2014-05;2017;ENI;€3m;EUR;ICMPD;
Asylum Support;AAS;Azerbaijan;juin 2013;2015;AMIF;approx. 300k;EUR;;unclear
Typo Country;TCP;Goergia;2015;2016;ENI;1.250.000,50;EUR;IOM;
;;;;;;;;;
Unknown Instrument;UIP;Moldova;2012;2014;MIEUX;1 500 000;EUR;ICMPD;not in the list
Ambiguous Amount;AMB;Georgia;2016;2018;ENI;2.584;EUR;IOM;thousands?
Visa Dialogue;VD;Georgia, Armenia;2014;2016;TPMA;850.000;EUR;IOM;two countries
Visa Dialogue;VD;Georgia, Armenia;2014;2016;TPMA;850.000;EUR;IOM;two countries
NEXUS;;Moldova;;;GPGC;;;;already there
Mobility Moldova;MM;Moldova;01.02.2013;2016;ENI;1,200,000;EUR;Swedish Public Employment Service;
Return & Dignity;RD;Armenia;Q1 2015;FY2017;ENI;"750,000.00";USD;ICMPD;quarter
Total;;;;;;;12;;
"""
ANSWERS = {
    "start_date": {"*": "the day comes first"},
    "end_date": {"FY2017": "2017"},
    "budget_amount": {"*": "the sign separates thousands", "approx. 300k": ""},
    "budget_currency": {},
    "country_codes": {"Goergia": "GE"},
    "instrument_codes": {"MIEUX": ""},
}


@pytest.fixture
def read(chief):
    """Return a function that uploads a file and answers its questions: the Import as it is then."""

    def upload(text, answers=None, **options):
        return uploaded(chief, text.encode(), "desk.csv", **options, **({"answers": answers} if answers else {}))

    return upload


def test_list_asks_each_question_once(read):
    batch = read(LIST)
    asked = {(one["heading"], *one["texts"]) for one in batch.about["questions"]}
    assert asked == {
        ("start_date", "03/04/2014", "01.02.2013"), ("end_date", "FY2017"), ("budget_amount", "approx. 300k"),
        ("budget_amount", "2.584", "850.000"), ("country_codes", "Goergia"), ("instrument_codes", "MIEUX"),
    }  # fmt: skip
    assert ["GE", "Georgia (GE)"] in next(one for one in batch.about["questions"] if "Goergia" in one["texts"])[
        "choices"
    ]
    assert not batch.about["faults"]
    assert "J “Notes” is left out" in " ".join(column_mapping.read_as(batch))
    assert "row 17" in " ".join(column_mapping.read_as(batch))


def test_answered_list_goes_in_but_for_its_duplicate(read, chief):
    batch = read(LIST, ANSWERS)
    assert batch.about["questions"] == []
    assert {name: count for name, count in batch.counts.items() if count} == {"new": 10, "changed": 1, "refused": 1}
    [refused] = batch.items.filter(verdict="refused")
    assert (refused.place, refused.faults[0]["what"]) == ("row 13", "It is the same as row 12. Leave it out.")
    confirmed(batch, chief, good_only=True)
    documents = {
        key: document_of(one) for key, one in newest(Project, Project.objects.values_list("pk", flat=True)).items()
    }
    first, labour, asylum = documents["return-to-georgia"], documents["labour-in-moldova"], documents["asylum-support"]
    assert (first["start_date"]["value"], first["budget"]["amount"]) == ("2014-04-03", "2584000.00")
    assert [part["slug"] for part in first["organisations"] if part["role"] == "lead"] == ["icmpd"]
    assert [part["instrument"]["code"] for part in first["contributions"]] == ["ENI"]
    assert labour["budget"] == {"amount": "2500000.00", "currency": "EUR"}
    assert (labour["start_date"]["value"], labour["end_date"]["value"]) == ("2015-03", "2018-12")
    assert asylum["budget"] is None
    assert [one["code"] for one in documents["typo-country"]["countries"]] == ["GE"]
    assert documents["visa-dialogue"]["budget"]["amount"] == "850000.00"
    assert documents["nexus"]["title"] == "NEXUS"
    again = read(LIST)
    assert {name: count for name, count in again.counts.items() if count} == {"same": 11, "refused": 1}


def test_answers_are_given_on_the_page_and_kept_for_the_next_file(chief, client):
    client.force_login(chief)
    text = "Titre;Pays;Début\nUn;Goergia;03/04/2014\nDeux;Goergia;05/06/2014\n"
    file = SimpleUploadedFile("liste.csv", text.encode())
    page = client.post("/admin/imports/import/add/", {"file": file}, follow=True)
    assert "2 questions for the whole file" in page.content.decode()
    address, batch = page.redirect_chain[-1][0], page.context["batch"]
    sent = {f"answer-{number}": one["choices"][0][0] for number, one in enumerate(batch.about["questions"])}
    page = client.post(address, {"_again": "on", "preview": "1", **sent}, follow=True)
    assert "2 new" in page.content.decode()
    assert "2014-04-03" in page.content.decode()
    for preview, left_out, new in ((2, ["row 3"], 1), (3, [], 2), (4, ["row 3"], 1)):
        sent = {"_again": "on", "preview": preview, "shown": ["row 2", "row 3"], "out": left_out}
        page = client.post(address, sent, follow=True)
        assert page.context["batch"].counts["new"] == new
    others = text.replace("Un", "Trois").replace("Deux", "Quatre").encode()
    page = client.post("/admin/imports/import/add/", {"file": SimpleUploadedFile("a.csv", others)}, follow=True)
    assert len(page.context["batch"].about["questions"]) == 2  # what is not confirmed teaches nothing
    batch.refresh_from_db()
    confirmed(batch, chief)
    page = client.post("/admin/imports/import/add/", {"file": SimpleUploadedFile("b.csv", others)}, follow=True)
    assert page.context["batch"].counts["new"] == 2
    message = "As you answered for an earlier file: in “Début”, the day comes first; “Goergia” is Georgia."
    assert message in page.content.decode()
    assert page.content.decode().count("Forget my choices") == 2  # beside it, and below the columns
    page = client.post(page.redirect_chain[-1][0], {"_forget": "on"}, follow=True)
    assert len(page.context["batch"].about["questions"]) == 2


def test_names_with_the_same_choices_are_one_question(chief, client):
    client.force_login(chief)
    bodies = [f"Body {letter * 6}" for letter in "ABCDEF"]
    rows = [f"Project {letter};{name};Nowhere {letter * 5};ENI" for letter, name in zip("ABCDEF", bodies, strict=True)]
    text = "\n".join(["Title;Lead;Theme;Instrument", *rows, f"Project G;{bodies[0]};;MIEUX"])
    file = SimpleUploadedFile("new.csv", text.encode())
    page = client.post("/admin/imports/import/add/", {"file": file}, follow=True)
    address, batch, html = page.redirect_chain[-1][0], page.context["batch"], page.content.decode()
    assert "3 questions for the whole file" in html
    assert html.count('<option value="+">each is a new organisation</option>') == 1
    first, *others = (f"“{name}”" for name in bodies)
    assert f"The register has no organisation {first}. The same goes for {', '.join(others)}." in html
    asked = {one["texts"][0]: number for number, one in enumerate(batch.about["questions"])}
    sent = {
        f"all-{asked[bodies[0]]}": "+", f"answer-{asked[bodies[1]]}": "", f"other-{asked[bodies[2]]}": "IOM",
        f"all-{asked['Nowhere AAAAA']}": "", f"answer-{asked['MIEUX']}": "",
    }  # fmt: skip
    page = client.post(address, {"_again": "on", "preview": "1", **sent}, follow=True)
    assert page.context["batch"].about["questions"] == []
    confirmed(page.context["batch"], chief)
    leads = {
        one.title: [part["slug"] for part in document_of(newest(Project, [one.pk])[one.pk])["organisations"]]
        for one in Project.objects.filter(title__startswith="Project ")
    }
    of_bodies = dict(Organisation.objects.filter(name__startswith="Body ").values_list("name", "pk"))
    assert {*of_bodies} == {*bodies} - {*bodies[1:3]}
    assert leads["Project A"] == leads["Project G"] == [of_bodies[bodies[0]]]
    assert (leads["Project B"], leads["Project C"]) == ([], ["iom"])


@pytest.mark.parametrize(
    ("heading", "kept"),
    [
        ("Budget (EUR)", ["in “Budget (EUR)”, the sign separates thousands"]),
        ("Budget in M€", []),
        ("Budget in EUR", []),
        ("Total budget (EUR)", []),
    ],
)
def test_how_a_column_is_read_is_kept_for_the_same_heading_only(read, chief, heading, kept):
    confirmed(read("Title;Budget (EUR)\nOne;2.584\n", {"budget_amount": {"*": ANSWERS["budget_amount"]["*"]}}), chief)
    about = read(f"Title;{heading}\nTwo;1.5\nThree;7.250\n").about
    assert about["kept"] == kept
    assert bool(about["questions"]) is not bool(kept)


def test_currency_is_kept_for_the_same_heading_only(read, chief):
    confirmed(read("Title;Budget\nOne;2\n", {"budget_currency": {"": "EUR"}}), chief)
    assert read("Title;Budget\nTwo;3\n").about["kept"] == ["in “Budget”, sums without a currency are in EUR"]
    assert len(read("Title;Total cost\nTwo;3\n").about["questions"]) == 1


LISTS = {
    "ro": ("Titlul proiectului;Țara / Country;Data începerii;Data finalizării;Buget;Statut;Nr.\n"
           "Frontiere;Republica Moldova și Georgia;1-mai-14;dec. 2016;2,5 milioane EUR;finalizat;1\nTotal;;;;2,5\n", "utf-8"),
    "ru": ("№;Название проекта;Страна;Дата начала;Дата окончания;Бюджет (млн евро);Статус;Примечания\n"
           "1;Границы;Республика Молдова, Грузия;2014.05.01;декабрь 2016 г.;2,5;завершён;нет\nИтого;;;;;2,5;;\n", "cp1251"),
    "ka": ("პროექტის დასახელება\tქვეყანა\tდაწყების თარიღი\tდასრულების თარიღი\tბიუჯეტი\tსტატუსი\n"
           "საზღვარი\tსაქართველო და მოლდოვა\t1 მაისი 2014\tდეკემბერი 2016\t2.5 MEUR\tდასრულებული\nსულ\t\t\t\t2.5\t\n", "utf-16"),
}  # fmt: skip


@pytest.mark.parametrize("language", LISTS)
def test_list_in_a_language_of_a_partner_is_read(chief, language):
    text, encoding = LISTS[language]
    batch = uploaded(chief, text.encode(encoding), "list.csv")
    assert (batch.about["questions"], batch.about["faults"], batch.counts["new"]) == ([], [], 1)
    document = document_of(batch.items.get())
    assert [each["code"] for each in document["countries"]] == ["GE", "MD"]
    assert (document["start_date"]["value"], document["end_date"]["value"]) == ("2014-05-01", "2016-12")
    assert (document["budget"], document["status"]) == ({"amount": "2500000.00", "currency": "EUR"}, "completed")
    assert "otherwise" not in {claim["reading"] for claim in document["claims"]}
    assert "repeats the headings, or numbers the columns: row 3" in " ".join(column_mapping.read_as(batch))


@pytest.mark.parametrize(
    "heading",
    [
        "Comments", "Audit date", "Budget (planned)", "Expected results", "Contract year",
        "Contract (date)", "Budget year", "State", "Activities",
        "Budget 1", "Component 1", "Date", "Country manager", "Country of lead partner", "Budget 2014", "Amount paid", "Lead contact",
    ],
)  # fmt: skip
def test_column_that_is_only_like_one_of_ours_is_left_out(read, heading):
    batch = read(f"Title;{heading}\nOne;2014\n")
    assert f"B “{heading}” is left out" in " ".join(column_mapping.read_as(batch))


@pytest.mark.parametrize(
    ("heading", "ours"),
    [
        ("Contry", "Country"), ("Acronmy", "Acronym"), ("Strat date", "Start date"), ("Stauts¹", "Status"),
        ("Status [1]", "Status"), ("Country 2)", "Country"), ("Grant amount", "Budget amount"), ("Fund", "Instrument"),
        ("Countries covered", "Country"), ("Pays concernés", "Country"), ("Țări beneficiare", "Country"),
        ("Страна реализации", "Country"), ("Країна-бенефіціар", "Country"), ("Partnerland", "Country"), ("Beneficiar", "Country"),
        ("Start of implementation", "Start date"), ("Projektende", "End date"), ("Année de début", "Start date"),
        ("Anul finalizării", "End date"), ("Год начала", "Start date"), ("Startjahr", "Start date"), ("Data începutului", "Start date"),
        ("Total value", "Budget amount"), ("Gesamtkosten (EUR)", "Budget amount"), ("Budget 2014-2016 (EUR)", "Budget amount"),
        ("Max. EU contribution (EUR)", "Funder amount"), ("Исполнители", "Implementer"), ("Виконавча організація", "Implementer"),
        ("Other partners", "Partner"), ("Финансирующая организация", "Funder"), ("État d’avancement", "Status"),
        ("Project status", "Status"), ("Specific objectives", "Objectives"), ("Implementing period", "Period"),
        ("Laufzeit", "Period"), ("Durchführer", "Implementer"), ("Co-applicant", "Partner"), ("2. Country", "Country"), ("Donor currency", "Funder currency"),
        ("Contracting party", "Implementer"), ("Channel name", "Implementer"), ("Applicant", "Lead"), ("Auftraggeber", "Funder"),
        ("Total eligible costs", "Budget amount"), ("Agreed amount (SEK)", "Budget amount"), ("Participation UE", "Funder amount"),
        ("Laufzeit von", "Start date"), ("Phase end", "End date"), ("Benefiting countries", "Country"), ("Country / Region", "Country"),
        ("Country/ies", "Country"), ("Recipient", "Country"), ("State of play", "Status"), ("Stage", "Status"), ("Goal", "Objectives"),
        ("N° du contrat", "Identifier"), ("Project code", "Identifier"), ("CRIS no.", "Identifier"), ("Award ID", "Identifier"),
        ("Agreement", "Partnership"), ("EU instrument", "Instrument"), ("Short title", "Acronym"),
        ("Funding source", "Funder"), ("Партнер-исполнитель", "Implementer"), ("Sector code", "Sectors"), ("Short description", "Summary"),
        ("Contractor name", "Implementer"), ("Nom du bailleur", "Funder"), ("Main donor", "Funder"), ("Bailleur principal", "Funder"),
        ("Partenaires locaux", "Partner"), ("Contract status", "Status"), ("Statut du contrat", "Status"), ("Status date", "Status as of"),
        ("Zone d’intervention", "Country"), ("Operation", "Country"), ("Country of operation", "Country"),
        ("New end date", "End date"), ("Revised end date", "End date"), ("PRIMA ID", "Identifier"),
    ],
)  # fmt: skip
def test_heading_in_other_words_misspelt_or_with_a_footnote_is_ours(read, heading, ours):
    assert f"B “{heading}” is read as “{ours}”" in " ".join(column_mapping.read_as(read(f"Title;{heading}\nOne;\n")))


@pytest.mark.parametrize(("heading", "cell"), [
    ("State", "Georgia"), ("Recipient", "Farmers"), ("Project number", "1"), ("Operation", "Housing"), ("Zone d’intervention", "Nord"),
    ("Contract status", "signed 2014"), ("Status (date)", "ongoing"), ("New end date", "extended"),
])  # fmt: skip
def test_heading_that_may_mean_something_else_is_left_out_if_its_cells_do_not_fit(read, heading, cell):
    assert f"B “{heading}” is left out" in " ".join(column_mapping.read_as(read(f"Title;{heading}\nOne;{cell}\n")))


@pytest.mark.parametrize(
    "heading",
    ["Contribution title", "Project/Programme", "Désignation", "Projektbezeichnung", "Initiative", "Operation title"],
)
def test_title_is_known_by_further_headings(read, heading):
    assert read(f"{heading};Country\nOne;GE\n").counts["new"] == 1


@pytest.mark.parametrize(
    ("vague", "exact", "ours"),
    [
        ("Contractor", "Implementing partner", "Implementer"), ("Agreement partner", "Implementing agency", "Implementer"),
        ("Award ID", "Project ID", "Identifier"), ("Project number", "IATI identifier", "Identifier"), ("Decision number", "Contract number", "Identifier"),
        ("Contract value", "Budget (EUR)", "Budget amount"), ("PRIMA ID", "Reference", "Identifier"),
    ],
)  # fmt: skip
def test_heading_that_is_vague_gives_way_to_an_exact_one(read, vague, exact, ours):
    said = " ".join(column_mapping.read_as(read(f"Title;{vague};{exact}\nOne;8000;9000\n")))
    assert f"“{vague}” is left out" in said
    assert f"“{exact}” is read as “{ours}”" in said


def test_heading_that_says_project_makes_a_list_of_projects_with_unknown_ones(read):
    assert read("Projet;Partenaires locaux;Remarques internes\nOne;IOM;b\n").counts["new"] == 1
    assert not read("Projet\nOne\n").counts.get("new")


def test_new_end_date_gives_way_to_the_end_date(read):
    said = " ".join(column_mapping.read_as(read("Title;New end date;End date\nOne;2016;2015\n")))
    assert "“New end date” is left out, as another column is “End date”" in said


def test_action_beside_a_title_is_left_out(read):
    assert read("Project title;Action;Country\nOne;Two;GE\n").items.get().identifier == "One"


def test_code_that_several_projects_share_is_not_their_identifier(read):
    batch = read("Project code;Project title;Country\nP-12;One;GE\nP-12;Two;MD\nP-13;Three;MD\n")
    assert batch.counts["new"] == 3
    assert "“Project code” is left out, as it names different projects alike" in " ".join(column_mapping.read_as(batch))


def test_code_of_a_project_in_two_rows_is_its_identifier(read):
    batch = read("Project code;Project title;Country\nP-12;One;GE\nP-12;One;MD\nP-13;Three;MD\n")
    assert "“Project code” is read as “Identifier”" in " ".join(column_mapping.read_as(batch))


def test_domain_that_names_no_theme_leaves_the_themes_to_the_sector(read):
    batch = read("Project title;Country;Domain;Sector\nOne;GE;ENPI;Border management\nTwo;GE;DCI;Border management\n")
    assert batch.about["questions"] == []
    assert [one["slug"] for one in document_of(batch.items.first())["themes"]] == ["border-management"]


def test_eu_contribution_of_yes_and_no_is_left_out(read):
    batch = read("Title;Donor;EU contribution;Budget (EUR)\nOne;IOM;yes;5\nTwo;IOM;no;7\n")
    assert (batch.counts["new"], batch.about["questions"]) == (2, [])


@pytest.mark.parametrize(("donor", "funders"), [("IOM", ["iom"]), ("EU", ["european-union"])])
def test_eu_contribution_of_nothing_makes_the_eu_no_funder_beside_another(read, donor, funders):
    parts = document_of(read(f"Title;Donor;EU contribution (EUR)\nOne;{donor};0\n").items.get())["contributions"]
    assert [one["funder"]["slug"] for one in parts] == funders


def test_country_is_found_as_republic_and_by_three_letters(read):
    names = [
        "Republic of Moldova",
        "Moldau",
        '"Moldova, Republic of"',
        "MDA",
        "Республика Молдова",
        "République de Moldavie",
    ]
    rows = "".join(f"Project {'abcdef'[at] * 5},{name}\n" for at, name in enumerate(names))
    items = read(f"Title,Country\n{rows}").items.all()
    assert [[each["code"] for each in document_of(item)["countries"]] for item in items] == [["MD"]] * len(names)


def test_name_with_its_key_is_one_record_and_a_record_named_twice_is_one(read):
    batch = read("Title;Country;Theme;Lead\nOne;Georgia (GE);Border management (border-management);ICMPD (icmpd)\n"
                 'Two;"Georgia; Georgia";;\nThree;Georgia (MD);;\n')  # fmt: skip
    [asked] = batch.about["questions"]
    assert asked["texts"] == ["Georgia (MD)"]
    one, two = (document_of(item) for item in batch.items.filter(verdict="new").order_by("number"))
    assert [each["code"] for each in one["countries"] + two["countries"]] == ["GE", "GE"]
    assert (one["themes"][0]["slug"], one["organisations"][0]["slug"]) == ("border-management", "icmpd")
    assert "otherwise" not in {claim["reading"] for claim in one["claims"] + two["claims"]}


GROUPED = """Title;Country;Start
Armenia;;
One;Armenia;2014
Two;Armenia;2015
Title;Country;Start
Georgia;;
Three;Georgia;2016
Source: the ministry;;
"""


def test_headings_within_a_list_are_no_projects(read):
    batch = read(GROUPED)
    [asked] = batch.about["questions"]
    assert asked["texts"] == ["Armenia", "Georgia"]
    assert batch.counts["new"] == 3
    sentences = " ".join(column_mapping.read_as(batch))
    assert "repeats the headings, or numbers the columns: row 5" in sentences
    assert "as a note, or the heading of a group: row 8 “Source: the ministry”" in sentences
    both = ["Armenia", "One", "Two", "Georgia"], ["One", "Two"]
    for (answer, _label), titles in zip(asked["choices"], both, strict=True):
        items = read(GROUPED, {asked["heading"]: {asked["key"]: answer}}).items.all()
        assert [item.identifier for item in items] == [*titles, "Three"]
    assert len(read(GROUPED).about["questions"]) == 1  # a rule for the rows of one file is not kept for the next


@pytest.mark.parametrize(
    ("text", "notes"),
    [
        ("Title;Country;Start\nOne;GE;2014;;;\nTwo;MD;2015;;;\n", []),  # signs too many at the end of each row
        ("Title;Country;Start\nOne;GE;2014\nTwo;MD;2015\nN.B.: as planned;;\n", ["N.B.: as planned"]),
        ("Title;Country;Start;;\nOne;GE;2014;;\nTwo;MD;2015;;\n;;;;\nAs of May;;;;", ["As of May"]),
        ("Title,Country,Start\nOne,GE,2014\nTwo,MD,2015\nSource: DG HOME, 2014\n", ["Source: DG HOME, 2014"]),
        ("Title,Country,Start\nOne,GE,2014\nTwo,MD,2015\n* to be confirmed,,\n", ["* to be confirmed"]),
    ],
)
def test_notes_and_signs_beside_a_list_are_left_out_and_named(read, text, notes):
    batch = read(text)
    assert (batch.about["faults"], batch.about["questions"], batch.counts["new"]) == ([], [], 2)
    sentences = " ".join(column_mapping.read_as(batch))
    assert ("as a note, or the heading of a group: row" in sentences) is bool(notes)
    assert all(f"“{note}”" in sentences for note in notes)


@pytest.mark.parametrize(
    "rows",
    [
        "One;GE;2014;;;\nTwo;MD;;\n",
        "One;GE;2014; \nTwo;MD;\n",
        "One;GE;2014;\u00a0\nTwo;MD\n",
        "One;GE;2014;\u200b\nTwo;MD",
        "One;GE;2014\nTitle;Country;Start\n;;Page 2 of 2\ntitle ;COUNTRY;Start; \nTwo;MD\nThree\n",
    ],
)
def test_signs_too_many_or_too_few_at_the_end_of_a_row_are_no_fault(read, rows):
    text = f"Title;Country;Start\n{rows}"
    if is_cut_off := rows.endswith("MD"):
        assert "It has 2 cells" in read(text).about["faults"][0]["what"]
    batch = read(text + "\n" * is_cut_off)
    assert not batch.about["faults"]
    documents = [document_of(item) for item in batch.items.filter(verdict="new")]
    assert [each["countries"][0]["code"] for each in documents] == ["GE", "MD"]
    sentence = "Without cells at the end, which are read as empty: row"
    assert (sentence in " ".join(column_mapping.read_as(batch))) is rows.rstrip().endswith(("MD", "Three"))
    assert [one["texts"] for one in batch.about["questions"]] == [["Three"]] * rows.count("Three")
    columns = batch.about["sheets"][0]["columns"]
    assert [one["example"] for one in columns[1:3]] == ["GE · MD", "2014"]


@pytest.mark.parametrize("last", ["Two;MD;", "Total;;"])
def test_list_that_ends_with_an_empty_cell_and_no_line_end_is_read(read, last):
    batch = read(f"Title;Country;Notes\nOne;GE;x\n{last}")
    assert (batch.about["faults"], batch.counts["refused"]) == ([], 0)
    assert "Its last row has no line end." in " ".join(column_mapping.read_as(batch))


def test_last_row_that_lacks_cells_like_others_is_not_cut_off(read):
    assert not read("Title;Country;Start\nOne;GE\nTwo;MD").about["faults"]


@pytest.mark.parametrize(
    ("head", "rows"),
    [
        ("Summary;Country", "One;first\nsecond;GE\nTwo;text;MD"),
        ("Summary;Country", "One;first\nsecond\nand last;GE\nTwo;text;MD"),
        ("Summary;Start;Budget (EUR)", "One;first\nsecond;2014;5000\nTwo;text;2015;6000"),
        ("Summary;Lead;Country", "One;first\nsecond;IOM;GE\nTwo;text;IOM;MD"),
        ("Country;Summary;Start", "One;GE;first\nsecond;2014\nTwo;MD;text;2015"),
        ("Country;Summary;Lead", "One;GE;first\nsecond;IOM\nTwo;MD;text;IOM"),
        ("Lead;Summary;Start", "One;IOM;first\nsecond;2014\nTwo;IOM;text;2015"),
        ("Country;Summary;Start", "Short;GE\nOne;GE;first\nsecond;2014\nTwo;MD;text;2015"),
        ("Country;Summary;Start", "Short\nOne;GE;first\nsecond;2014\nTwo;MD;text;2015"),
        ("Period;Summary;Budget (EUR)", "One;2014;first\nsecond;5000\nTwo;2015;text;6000"),
    ],
)
def test_row_that_a_line_break_has_torn_is_refused(read, head, rows):
    batch = read(f"Title;{head}\n{rows}\n")
    [fault] = batch.about["faults"]
    first, last = 2 + rows.startswith("Short"), 2 + rows.partition("\nTwo")[0].count("\n")
    assert fault["place"] == f"row {first}"
    assert fault["what"].startswith(f"Rows {first} to {last} may be one row, which a line break has torn")
    assert ("are read as empty" in " ".join(column_mapping.read_as(batch))) is rows.startswith("Short")


@pytest.mark.parametrize(
    ("head", "rows"),
    [
        ("Start;Country", "One;2014\nTwo;03/04/2015\nThree;tbc\nFour;2016;GE"),
        ("Country;Start", "One;GE\nTwo\nThree;MD\nFour;GE;2014"),
        ("Period;Budget (EUR)", "One;2014-2016\nTwo;since 2015\nThree;2015;5000"),
        ("Budget (EUR);Start", "One;5000\nTwo;2.584\nThree;1;2014"),
    ],
)
def test_list_whose_short_rows_fit_its_headings_is_not_torn(read, head, rows):
    assert not read(f"Title;{head}\n{rows}\n").about["faults"]


@pytest.mark.parametrize(
    ("row", "is_left_out"),
    [
        ("1;2;3", True), ("(1);(2);(3)", True), ("1;2;", False), ("1;3;2", False), ("Total Moldova;Moldova;7", True),
        ("Total Moldova:;;7", True), ("Totaal;;7", True), ("Total Moldova Reform;Moldova;7", False),
    ],
)  # fmt: skip
def test_row_that_numbers_or_adds_up_is_left_out_and_named(read, row, is_left_out):
    batch = read(f"Title;Country;Budget (EUR)\n{row}\nOne;GE;7\n")
    sentence = "only adds up others, repeats the headings, or numbers the columns: row 2."
    assert (sentence in " ".join(column_mapping.read_as(batch))) is is_left_out
    assert ("row 2" in [item.place for item in batch.items.all()]) is not is_left_out


@pytest.mark.parametrize(
    ("rows", "left_out"),
    [
        ("One;GE;5\nTwo;MD;6\nAlles;;11\nThree;AM;1\nFour;AZ;2\nSüden;;3\nBeide;;14", [4, 7, 8]), ("One;GE;5\nTwo;MD;6\nThree;;12", []),
        ("One;;5\nTwo;;6\nThree;;11", []), ("One;GE;11\nTwo;;11", []), ("One;GE;5\nTwo;MD;6\nThree;AM;11", []), ("One;GE;x\nTwo;MD;6\nThree;;6", []),
    ],
)  # fmt: skip
def test_row_whose_sums_are_those_of_the_rows_above_is_left_out_whatever_it_is_called(read, rows, left_out):
    [sheet] = read(f"Title;Country;Budget (EUR)\n{rows}\n").about["sheets"]
    assert sheet["skipped"] == left_out


def test_title_that_is_a_number_is_a_project(read):
    assert read("Title\n1\n").items.get().identifier == "1"


@pytest.mark.parametrize("row", ["One; and two;GE;", "One;GE;2014;2015", "One;;2014;;x"])
def test_row_with_a_sign_too_many_among_its_cells_is_refused(read, row):
    assert "Put quotation marks around a cell" in read(f"Title;Country;Start\n{row}\n").about["faults"][0]["what"]


def test_headings_of_groups_and_in_a_second_language_are_no_projects(read):
    batch = read("Area;Projet;Pays\nArea;Project;Country\nBorders;;\n;One;GE\nAsylum;;\n;Two;MD\n")
    assert [item.identifier for item in batch.items.order_by("number")] == ["One", "Two"]
    assert "or numbers the columns: row 2" in (said := " ".join(column_mapping.read_as(batch)))
    assert "or the heading of a group: row 3 “Borders”, row 5 “Asylum”" in said


def test_last_project_with_only_a_title_is_no_note(read):
    batch = read("Title;Country;Start\nOne;GE;2014\nTwo;MD;2015\nThree;;\n")
    assert [one["texts"] for one in batch.about["questions"]] == [["Three"]]


def test_two_columns_that_mean_the_same_are_asked(read):
    batch = read("Project;Budget;Budget total\nOne;1 EUR;2 EUR\n")
    assert [fault["what"] for fault in batch.about["faults"]] == [
        "2 columns are “Budget amount”. Choose which it is: “Budget” or “Budget total”. Leave out the rest."
    ]
    batch = read("Project;Budget;Budget total\nOne;1 EUR;2 EUR\n", columns={"Budget": ""})
    assert document_of(batch.items.get())["budget"]["amount"] == "2.00"


def test_what_is_unclear_in_the_same_way_is_asked_once_for_a_column(read):
    text = (
        "Title,Start,End,Budget (EUR)\n"
        "One,2015-03-01 00:00:00,2016-03-01 09:30,100.0000\n"
        "Two,03/04/2015,2017-03-01 14:30:00,1000.1234\n"
        "Three,3/4/2015 0:00,14:30,2000.5678\nFour,41275,15:00,3\nFive,41276,16:00,4\n"
    )
    questions = read(text).about["questions"]
    assert {(one["heading"], *one["texts"]) for one in questions} == {
        ("start_date", "03/04/2015", "3/4/2015 0:00"), ("start_date", "41275", "41276"),
        ("end_date", "2016-03-01 09:30", "2017-03-01 14:30:00"), ("end_date", "14:30", "15:00", "16:00"),
        ("budget_amount", "1000.1234 EUR", "2000.5678 EUR"),
    }  # fmt: skip
    answers = {}
    for one in questions:
        answers.setdefault(one["heading"], {})[one["key"]] = one["choices"][0][0]
    documents = [document_of(item) for item in read(text, answers).items.all()]
    days = [[date and date["value"] for date in (one["start_date"], one["end_date"])] for one in documents]
    assert days == [
        ["2015-03-01", "2016-03-01"], ["2015-04-03", "2017-03-01"], ["2015-04-03", None], ["2013-01-01", None],
        ["2013-01-02", None],
    ]  # fmt: skip
    assert [one["budget"]["amount"] for one in documents] == ["100.00", "1000.12", "2000.57", "3.00", "4.00"]
    [finest] = [one["key"] for one in questions if one["heading"] == "budget_amount"]
    items = read(text, answers | {"budget_amount": {finest: ""}}).items.all()
    assert [document_of(item)["budget"] is None for item in items] == [False, True, True, False, False]


def test_sum_that_is_not_exact_is_asked_although_its_column_has_an_answer(read):
    sums = ["EUR 400,000", "up to EUR 300,000", "ca. 300.000 EUR", "EUR 300,000 per year", "about EUR 5.1234"]
    text = "Title;Budget\n" + "".join(f"{sum};{sum}\n" for sum in sums)
    of_column = next(one for one in read(text).about["questions"] if one["is_of_column"])
    assert of_column["texts"] == ["EUR 400,000"]
    batch = read(text, {"budget_amount": {of_column["key"]: of_column["choices"][0][0]}})
    assert [one["texts"] for one in batch.about["questions"]] == [[sum] for sum in sums[1:]]
    assert batch.about["questions"][0]["choices"] == [["300000 EUR", "300000 EUR"], ["300 EUR", "300 EUR"]]


@pytest.mark.parametrize(
    ("period", "start", "end"),
    [
        ("2014–16", "2014", "2016"), ("2014/2016", "2014", "2016"), ("2014-2016", "2014", "2016"), ("01/2014-12/2016", "2014-01", "2016-12"),
        ("15/03/2014 – 14/03/2016", "2014-03-15", "2016-03-14"), ("from 2013 to June 2015", "2013", "2015-06"),
        ("с 2012 по 2014", "2012", "2014"), ("2014-05 - 2016-03", "2014-05", "2016-03"), ("2014 - tbc", "2014", None),
        ("since 2015", "2015", None), ("until June 2016", None, "2016-06"), ("2014 – ongoing", "2014", None), ("2011-10", "2011-10", "2011-10"),
        ("2013–2015 гг.", "2013", "2015"), ("du lundi 15/02/2014 au 31/01/2016", "2014-02-15", "2016-01-31"),
        ("vom 15.02.2014 bis zum 31.01.2016", "2014-02-15", "2016-01-31"), ("с 01.2015 по 12.2016 г.", "2015-01", "2016-12"),
        ("de la 15.02.2014 pana la 31.01.2016", "2014-02-15", "2016-01-31"), ("until 31/12/2016", None, "2016-12-31"),
        ("2014-2016 (24 months)", "2014", "2016"), ("2014 to date", "2014", None),
    ],
)  # fmt: skip
def test_period_in_one_column_is_start_and_end(read, period, start, end):
    document = document_of(read(f"Title;Implementation period\nOne;{period}\n").items.get())
    dates = {"start_date": start, "end_date": end}
    assert {name: (document[name] or {}).get("value") for name in dates} == dates
    claims = {claim["field"]: (claim["quote"], claim["place"]) for claim in document["claims"]}
    for name in (name for name, value in dates.items() if value):
        assert claims[name] == (f"Implementation period: {period}", "row 2, column B")
    assert not {name for name, value in dates.items() if not value} & claims.keys()


def test_order_of_day_and_month_beside_words_is_asked_once(read):
    text = "Title;Period\nOne;from 01/02/2014 to 31/01/2016\nTwo;du 03/04/2014 au 05/06/2016\n"
    [asked] = read(text).about["questions"]
    batch = read(text, {asked["heading"]: {asked["key"]: "the day comes first"}})
    dates = [document_of(item) for item in batch.items.order_by("number")]
    assert [(one["start_date"]["value"], one["end_date"]["value"]) for one in dates] == [
        ("2014-02-01", "2016-01-31"), ("2014-04-03", "2016-06-05"),
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("head", "row", "table"),
    [
        ("Project;Field;Value;Quote;Source", "NEXUS;Start date;2013;It began in 2013.;european-union", "projects-claims"),
        ("Organisation;Acronym;Type;Country;Website", "Council of Refugees;CR;;Georgia;www", "organisations"),
        ("Agreement;Kind;Countries", "Visa agreement;visa facilitation agreement;Armenia", "partnerships"),
        ("Project;Funder;Amount;Currency", "NEXUS;IOM;100;EUR", "projects"), ("Name;Acronym;Country", "One;O;Georgia", "projects"),
    ],
)  # fmt: skip
def test_table_is_proposed_by_what_lists_call_its_columns(read, head, row, table):
    assert [sheet["table"] for sheet in read(f"{head}\n{row}\n").about["sheets"]] == [table]


def test_chosen_table_knows_its_columns_by_the_words_of_the_page_and_of_lists(read):
    text = "Project;Donor;Instrument;Montant;Currency\nNEXUS;European Union;TPMA;100;EUR\n"
    batch = read(text, tables={"": "projects-contributions"})
    ours = ["project_slug", "funder_slug", "instrument_code", "amount", "currency"]
    assert [column["column"] for column in batch.about["sheets"][0]["columns"]] == ours
    assert "Column A “Project” is read as “Project”." in column_mapping.read_as(batch)


def test_dates_of_a_period_that_contradict_their_own_columns_are_asked_once(read):
    text = "Title;Period;End date\nOne;2014-2016;2017\nTwo;2014-2016;May 2016\nThree;2014-2016;-\nFour;2014-2016;2015\n"
    [asked] = read(text).about["questions"]
    assert (asked["columns"], asked["count"]) == (["C “End date”"], 2)
    assert [way for way, _label in asked["choices"]] == [
        "the date in “End date” counts, as the other is wrong", "the date in “Period” counts, as the other is wrong",
    ]  # fmt: skip
    ends = (["2017", "2016-05", "2016", "2015"], ["2016", "2016-05", "2016", "2016"])
    for (way, _label), right in zip(asked["choices"], ends, strict=True):
        batch = read(text, {"end_date": {asked["key"]: way}})
        documents = [document_of(item) for item in batch.items.order_by("number")]
        assert {document["start_date"]["value"] for document in documents} == {"2014"}
        assert [document["end_date"]["value"] for document in documents] == right
    assert documents[0]["claims"][-1]["quote"] == "Period: 2014-2016"


def test_period_that_may_be_a_month_or_two_years_is_asked_once(read):
    text = "Title;Period\nOne;2011-12\nTwo;2010-12\nThree;2012-14\n"
    [asked] = read(text).about["questions"]
    assert (asked["texts"], len(asked["choices"])) == (["2011-12", "2010-12"], 2)
    for (way, _label), dates in zip(asked["choices"], (("2011-12", "2011-12"), ("2011", "2012")), strict=True):
        document = document_of(read(text, {"period": {asked["key"]: way}}).items.order_by("number")[0])
        assert (document["start_date"]["value"], document["end_date"]["value"]) == dates


@pytest.mark.parametrize(
    ("funder", "implementer"),
    [
        ("ЕС", "МОМ"), ("Європейський Союз", "Міжнародна організація з міграції"), ("Uniunea Europeană", "OIM"),
        ("ევროკავშირი", "მიგრაციის საერთაშორისო ორგანიზაცია"), ("Եվրոպական միություն", "ՄՄԿ"), ("Avropa İttifaqı", "BMqT"),
    ],
)  # fmt: skip
def test_organisation_is_found_by_its_official_name_in_a_language_of_a_partner(read, funder, implementer):
    document = document_of(read(f"Title;Funder;Implementer\nOne;{funder};{implementer}\n").items.get())
    assert [one["funder"]["slug"] for one in document["contributions"]] == ["european-union"]
    assert [one["slug"] for one in document["organisations"]] == ["iom"]
    assert "otherwise" not in {claim["reading"] for claim in document["claims"]}


def test_period_that_cannot_be_read_is_asked_once(read):
    batch = read("Title;Implementation period\nOne;the 2014 season\n")
    [asked] = batch.about["questions"]
    assert (asked["count"], len(batch.items.get().faults)) == (1, 1)
    [asked] = read("Title;Period;End\nOne;2014-2016;FY2017\n").about["questions"]
    assert asked["heading"] == "end_date"


def test_list_with_numbers_without_a_heading_and_an_unknown_word_for_titles_is_read(read):
    assert "column A, which has no heading, is left out" in " ".join(
        column_mapping.read_as(batch := read(";Project;Country\n1;One;Georgia\n2;Two;Moldova\n"))
    ).replace("Column", "column")
    assert batch.counts["new"] == 2
    batch = read("What we do;Country;Start;End\nOne;Georgia;2014;2015\n")
    assert batch.about["faults"][0]["what"].startswith("The table “Projects” needs the column “Slug” or “Title”")
    assert read("What we do;Country;Start\nOne;GE;2014\n", columns={"What we do": "title"}).counts["new"] == 1


def test_list_that_states_little_but_titles_is_not_asked(read):
    assert read("Title;Country;Start\nOne;;\nTwo;;\nThree;Georgia;2014\n").about["questions"] == []


def test_title_that_looks_like_one_of_the_register_is_asked(read):
    text = "title,summary\nENIGMA,What it does\n"
    assert len(read("title\nNexus Moldova\n").about["questions"]) == 1
    [asked] = read(text).about["questions"]
    assert asked["choices"][0][0] == "=enigmma"
    assert asked["choices"][0][1].startswith("it is “ENIGMMA")
    is_it = read(text, {"title": {"ENIGMA": "=enigmma"}})
    assert (is_it.items.get().key, is_it.items.get().verdict) == ("enigmma", "changed")
    assert read(text, {"title": {"ENIGMA": "+"}}).items.get().verdict == "new"


def test_title_with_swapped_letters_is_asked_and_typed_text_names_the_record(read):
    text = "title,summary\nNEXSU,What it does\n"
    [asked] = read(text).about["questions"]
    assert [value for value, _label in asked["choices"]] == ["=nexus", "+"]
    item = read(text, {"title": {"NEXSU": "enigmma"}}).items.get()
    assert (item.key, item.verdict, item.faults) == ("enigmma", "changed", [])
    [asked] = read(text, {"title": {"NEXSU": "Nothing of the kind"}}).about["questions"]
    assert asked["what"].startswith("The register has no project “Nothing of the kind”.")
    assert asked["texts"] == ["NEXSU"]


def test_answer_that_nobody_understands_is_asked_of_the_same_text_again(read):
    text = "title,start_date,lead,countries\nOne,FY2017,Nobody,Georgia; Nowhere\n"
    asked = {"start_date": "FY2017", "lead_slugs": "Nobody", "country_codes": "Nowhere"}
    answers = {heading: {own: "no such thing"} for heading, own in asked.items()}
    questions = read(text, answers).about["questions"]
    assert {one["heading"]: one["key"] for one in questions} == asked
    assert all("no such thing" in one["what"] for one in questions)


def test_all_unknown_names_of_a_row_are_asked_at_once(read):
    batch = read(
        "title;lead;partners;countries\nOne;Nobody;Office A, Office B, IOM;Geogria; Modlova\n".replace("; M", ", M")
    )
    asked = [(one["heading"], *one["texts"]) for one in batch.about["questions"]]
    assert asked == [
        ("country_codes", "Geogria"), ("country_codes", "Modlova"), ("lead_slugs", "Nobody"),
        ("partner_slugs", "Office A"), ("partner_slugs", "Office B"),
    ]  # fmt: skip
    assert [one["choices"][0][0] for one in batch.about["questions"][:2]] == ["GE", "MD"]


@pytest.mark.parametrize("none", ["n/a", "N/A", "néant", "-", "–", "tbc", "нет данных"])
def test_words_for_nothing_are_none(read, none):
    batch = read(f"Titre;Pays;Début;Montant;Instrument;Statut;Partenaire\nUn{6 * f';{none}'}\n")
    assert batch.about["questions"] == []
    document = document_of(batch.items.get())
    assert {name for name, value in document.items() if value and name != "claims"} == {"slug", "url", "title"}


def test_french_words_are_read_as_staff_write_them(read):
    batch = read(
        "Titre;Statut;Début;Fin;Chef de file\nUn;terminé;mi-2014;fin 2017;OIM\nDeux;en cours;mars 2015;;CIDPM\n"
    )
    assert batch.about["questions"] == []
    one, two = (document_of(item) for item in batch.items.order_by("number"))
    assert [one["status"], one["start_date"]["value"], one["end_date"]["value"]] == ["completed", "2014", "2017"]
    assert two["status"] == "ongoing"
    assert [each["organisations"][0]["slug"] for each in (one, two)] == ["iom", "icmpd"]
    claim = next(claim for claim in one["claims"] if claim["field"] == "end_date")
    assert (claim["as_stated"], claim["reading"]) == ("fin 2017", "as-value")
    assert "otherwise" not in {claim["reading"] for each in (one, two) for claim in each["claims"]}


def test_amount_for_a_funder_that_stands_already_is_read_again(read, chief):
    text = "slug,funder_slugs,funder_amount,funder_currency\nnexus,european-union,{},EUR\n"
    batch = confirmed(uploaded(chief, text.format("1000").encode()), chief)
    assert batch.counts["changed"] == 1
    assert uploaded(chief, text.format("1000").encode()).counts["same"] == 1


@pytest.mark.parametrize(("acronym", "asked"), [("ENIGMA", ["=enigmma", "+"]), ("ENIGMMA2", [])])
def test_acronym_that_looks_like_one_of_the_register_is_asked(read, acronym, asked):
    questions = read(f"title,acronym\nManaging Borders,{acronym}\n").about.get("questions", [])
    assert [value for question in questions for value, _label in question["choices"]] == asked


@pytest.mark.parametrize(("column", "heading"), [("lead", "lead_slugs"), ("donor", "funder_slugs")])
def test_organisation_is_asked_once_for_all_columns_and_spellings(read, column, heading):
    text = f"title,{column},partners\nOne,Office of  Nowhere,\nTwo,OFFICE OF NOWHERE,office of nowhere\n"
    [asked] = read(text).about["questions"]
    assert (asked["columns"], asked["count"]) == ([f"B “{column}”", "C “partners”"], 3)
    items = read(text, {heading: {asked["key"]: "+"}}).items.all()
    assert [item.identifier for item in items] == ["One", "Two", "office-of-nowhere"]
    assert {part["slug"] for part in document_of(items[1])["organisations"]} == {"office-of-nowhere"}
    assert document_of(items[2])["name"] == "Office of Nowhere"


def test_answer_about_one_column_changes_no_known_organisation_in_another(read):
    batch = read("title,lead,partners\nOne,IOM,IOM\n", {"lead_slugs": {"IOM": ""}})
    assert [part["role"] for part in document_of(batch.items.get())["organisations"]] == ["partner"]


@pytest.mark.parametrize(("options", "acronym"), [({}, "CMBA"), ({"empty_clears": True}, None)])
def test_empty_cell_leaves_what_is_there_unless_a_person_says_otherwise(read, options, acronym):
    batch = read("slug,title,acronym\ncmba,Another,\n", **options)
    assert document_of(batch.items.get())["acronym"] == acronym


def test_french_abbreviation_of_an_instrument_is_found(read):
    batch = read("Titre;Instrument;Pays\nUn;IEV;Géorgie\nDeux;FAMI;Arménie\n")
    assert batch.about["questions"] == []
    documents = [document_of(item) for item in batch.items.order_by("number")]
    assert [each["contributions"][0]["instrument"]["code"] for each in documents] == ["ENI", "AMIF"]
    assert "otherwise" not in {claim["reading"] for each in documents for claim in each["claims"]}


def test_french_name_of_an_agreement_is_found(read):
    assert read("Titre;Partenariat\nUn;Partenariat pour la mobilité UE-Moldavie\n").about["questions"] == []


@pytest.mark.parametrize("name", ["Office of Nowhere", "OON", "office of nowhere (oon)"])
def test_organisation_is_found_with_and_without_the_abbreviation_in_its_name(read, name):
    Organisation.objects.create(slug="nowhere", name="Office of Nowhere (OON)", state="published")
    batch = read(f"Title;Lead\nOne;{name}\n")
    assert batch.about["questions"] == []
    assert [part["slug"] for part in document_of(batch.items.get())["organisations"]] == ["nowhere"]


def test_currency_and_thousands_of_a_heading_count_for_its_column(read):
    batch = read("Titre;Montant en k€;Contribution (USD);Bailleur\nUn;2,5;1000;IOM\nDeux;€3m;;\nTrois;2.584;;\n")
    [asked] = batch.about["questions"]
    assert asked["texts"] == ["2.584 k€"]
    one, two = (document_of(item) for item in batch.items.filter(verdict="new").order_by("number"))
    assert one["budget"] == {"amount": "2500.00", "currency": "EUR"}
    assert [(part["amount"], part["currency"]) for part in one["contributions"]] == [("1000.00", "USD")]
    assert two["budget"] == {"amount": "3000000.00", "currency": "EUR"}
    assert "€3m" in [claim["as_stated"] for claim in two["claims"]]  # as it stands
    assert {claim["reading"] for claim in one["claims"] if claim["field"] == "budget"} == {"as-value"}
    assert "in k€" in " ".join(column_mapping.read_as(batch))
    answered = read("Titre;Montant en k€\nTrois;2.584\n", {"budget_amount": {"*": "the sign separates thousands"}})
    assert document_of(answered.items.get())["budget"] == {"amount": "2584000.00", "currency": "EUR"}


def test_currency_of_some_rows_beside_a_line_with_another_unit_is_asked(read):
    batch = read(
        "mii EUR dacă nu este indicat altfel;;;\nTitle;Country;Budget;Currency\nOne;MD;1500;\nTwo;MD;750000;EUR\n"
    )
    one, two = batch.items.all()
    assert document_of(one)["budget"] == {"amount": "1500000.00", "currency": "EUR"}
    assert "EUR, as the column “Currency” says" in two.faults[0]["what"]


@pytest.mark.parametrize(
    ("above", "below", "budget", "reading"),
    [
        (
            "(amounts in EUR thousand)",
            "",
            "1500000.00 EUR",
            "Sums are read in thousand EUR, as “(amounts in EUR thousand)”",
        ),
        ("All amounts in k€ unless otherwise stated.", "", "1500000.00 EUR", "Sums are read in k€"),
        ("Amounts in EUR;;\n(thousands)", "", "1500000.00 EUR", "Sums are read in thousands EUR"),
        ("(en milliers d’euros)", "", "1500000.00 EUR", "Sums are read in milliers d’euros"),
        ("Currency: EUR", "", "1500.00 EUR", "Sums are read in EUR"),
        ("Montants en milliers d’euros (k€)", "", "1500000.00 EUR", "Sums are read in milliers d’euros"),
        ("List of projects, June 2016, EUR thousand", "", "1500000.00 EUR", "Sums are read in thousand EUR"),
        ("mii EUR dacă nu este indicat altfel", "", "1500000.00 EUR", "Sums are read in mii EUR"),
        ("", "(EUR thousand)", "1500000.00 EUR", "Sums are read in thousand EUR"),
        ("в тыс. евро", "", "1500000.00 EUR", "Sums are read in тыс. евро"),
        ("Единица измерения: тыс. евро", "", "1500000.00 EUR", "Sums are read in тыс. евро"),
        ("u.m.: mii euro", "", "1500000.00 EUR", "Sums are read in mii euro"),
        ("NB: amounts are in thousands of EUR", "", "1500000.00 EUR", "Sums are read in thousands of EUR"),
        ("", "* Figures in EUR million, rounded", "1500000000.00 EUR", "Sums are read in million EUR"),
        ("Projects of EUR 5 million and more", "", None, ""),
        ("Grants for Euro-regions", "", None, ""),
        ("Euro million fund: projects", "", None, ""),
        ("Million euro projects", "", None, ""),
        ("Projects in thousand (EUR)", "", None, ""),
        ("Moldova (MDL) and Georgia (GEL)", "", None, ""),
        ("", "* Georgia: in million EUR", None, ""),
    ],
)
def test_line_beside_a_table_names_the_unit_of_its_sums(read, above, below, budget, reading):
    assert reading in " ".join(column_mapping.read_as(read(f"Title;Country;Budget\n{above or below};;\nOne;GE;1500")))
    batch = read(f"{above};;\nTitle;Country;Budget\nOne;GE;1500\nTwo;MD;2.5 M€\n{below}\n")
    one, two = batch.items.all()
    assert (two.verdict, one.verdict) == ("new", "new" if budget else "refused")
    assert reading in " ".join(column_mapping.read_as(batch))
    if budget:
        assert " ".join(document_of(one)["budget"].values()) == budget


@pytest.mark.parametrize(
    ("head", "cells"),
    [("", "1500;k€"), ("", "1500;thousand EUR"), ("", "1500;kEUR"), ("", "1500k;k EUR"), ("", "1.5m;M€"), (" (k€)", "1500;k€"), ("", "1500;EUR (thousands)"), ("", "1500;euros, in tys."), ("", "1500;Tausend EUR")],
)  # fmt: skip
def test_column_currency_may_name_a_factor_which_counts_once(read, head, cells):
    [item] = read(f"Title;Budget{head};Currency\nOne;{cells}\n").items.all()
    assert document_of(item)["budget"] == {"amount": "1500000.00", "currency": "EUR"}


@pytest.mark.parametrize(
    ("head", "cell", "amount", "currency"),
    [
        ("Budget;Currency", "2 million;US Dollars", "2000000.00", "USD"),
        ("Budget;Currency", "2 million;лари", "2000000.00", "GEL"),
        ("Budget;Lead", "2 млн долларов США;IOM", "2000000.00", "USD"),
        ('"Total\nbudget\n(k€)";Lead', "1250;IOM", "1250000.00", "EUR"),
        ("BUDGET IN EUR;LEAD", "1250;IOM", "1250.00", "EUR"),
        ("Бюджет (тыс. евро) / Budget (EUR thousand);Lead", "1250;IOM", "1250000.00", "EUR"),
        ("Montant (EUR) / Amount (EUR);Lead", "1250;IOM", "1250.00", "EUR"),
        ("Budget (US dollars);Lead", "1250;IOM", "1250.00", "USD"),
    ],
)
def test_currency_and_unit_in_words_are_read(read, head, cell, amount, currency):
    batch = read(f"Title;{head}\nOne;{cell}\n")
    document = document_of(batch.items.get())
    assert (batch.about["questions"], document["budget"]) == ([], {"amount": amount, "currency": currency})
    assert {claim["reading"] for claim in document["claims"]} == {"as-value"}


@pytest.mark.parametrize("factor", ["K", "thousands"])
def test_column_currency_that_names_only_a_factor_is_asked_as_it_stands(read, factor):
    text = f"Title;Budget;Currency\nOne;1500;{factor}\n"
    [asked] = read(text).about["questions"]
    assert (asked["heading"], asked["texts"]) == ("budget_currency", [factor])
    [item] = read(text, {"budget_currency": {asked["key"]: "EUR"}}).items.all()
    assert document_of(item)["budget"] == {"amount": "1500000.00", "currency": "EUR"}


@pytest.mark.parametrize(
    ("head", "cell", "first", "second"),
    [
        ("Budget (EUR)", "1 500 USD", "1500.00 USD", "1500.00 EUR"),
        ("Budget (k€)", "1500 €", "1500.00 EUR", "1500000.00 EUR"),
        ("Budget;Currency", "€3m;USD", "3000000.00 EUR", "3000000.00 USD"),
        ("Budget ('000);Currency", "1500 EUR;EUR", "1500.00 EUR", "1500000.00 EUR"),
        ("Budget;Currency", "1500 €;k€", "1500.00 EUR", "1500000.00 EUR"),
        ("Budget;Currency", "2,5 M€;k€", "2500000.00 EUR", "2500.00 EUR"),
        ("Budget (EUR);Currency", "1500;k€", "1500.00 EUR", "1500000.00 EUR"),
        ("Budget (k€);Currency", "5;M€", "5000.00 EUR", "5000000.00 EUR"),
        ("Budget (EUR);Currency", "1500;USD", "1500.00 EUR", "1500.00 USD"),
    ],
)
def test_cell_that_contradicts_the_unit_of_its_column_is_asked_once(read, head, cell, first, second):
    text = f"Title;{head}\nOne;{cell}\nTwo;{cell.replace('5', '6')}\n"
    [asked] = read(text).about["questions"]
    assert "contradicts" in asked["what"]
    for (answer, _label), right in zip(asked["choices"], (first, second), strict=True):
        one = read(text, {"budget_amount": {asked["key"]: answer}}).items.first()
        assert " ".join(document_of(one)["budget"].values()) == right


def test_factor_in_column_currency_counts_for_the_sum_of_the_funder_too(read):
    [item] = read("Title;Budget;Funder;Contribution;Currency\nOne;1500;IOM;300;k€\n").items.filter(kind="project")
    [part] = document_of(item)["contributions"]
    assert (document_of(item)["budget"]["amount"], part["amount"]) == ("1500000.00", "300000.00")


def test_contradictory_units_are_quoted_with_their_places(read):
    [asked] = read("(in thousand EUR);;\nTitle;Country;Budget (EUR)\nOne;GE;1500\n").about["questions"]
    choices = ["EUR, as the heading says", "thousand EUR, as “(in thousand EUR)” says"]
    assert [answer for answer, _label in asked["choices"]] == choices
    assert asked["what"] == f"“1500”: {choices[0]}, contradicts {choices[1]}. Say which counts."
    both = read("Title;Budget;Currency\nOne;5 M€;k€\nTwo;5 M€;USD\n").about["questions"]
    assert [asked["choices"][0][0] for asked in both] == ["M€, as the cell says"] * 2
    [asked] = read("Title;Budget;Currency\nOne;300 USD;k€\n").about["questions"]
    assert (asked["what"], asked["choices"]) == ("“300 USD” names another currency than “€”. State one.", [])


@pytest.mark.parametrize(
    "text", ["Title;Budget (k€)\nOne;approx. 1500\n", "Title;Budget;Currency\nOne;approx. 1500;k€\n"]
)
@pytest.mark.parametrize(
    ("typed", "amount"), [("1600", "1600000.00"), ("1.6 M€", "1600000.00"), ("1600 EUR", "1600.00")]
)
def test_typed_number_is_in_the_unit_of_its_column_or_currency(chief, client, text, typed, amount):
    client.force_login(chief)
    file = SimpleUploadedFile("a.csv", text.encode())
    page = client.post("/admin/imports/import/add/", {"file": file}, follow=True)
    assert "or write it (a number alone is in k€)" in page.content.decode()
    sent = {"_again": "on", "preview": "1", "other-0": typed}
    page = client.post(page.redirect_chain[-1][0], sent, follow=True)
    assert document_of(page.context["batch"].items.get())["budget"]["amount"] == amount


def test_typed_number_has_no_unit_where_heading_and_currency_differ(read):
    [asked] = read("Title;Budget (k€);Currency\nOne;approx. 1500;USD\n").about["questions"]
    assert asked["unit"] == ""


def test_date_of_another_century_is_noted(read):
    dated = read("Title;Start;End\nOne;1066;5000\nTwo;2014;2016\n").items.all()
    notes = ["The start date is 1066. Is that right?", "The end date is 5000. Is that right?"]
    assert [item.notes for item in dated] == [notes, []]


@pytest.mark.parametrize(
    ("head", "cells", "columns"),
    [
        ("EU contribution (EUR);Total (EUR)", "5;7", ["funder_amount", "budget_amount"]), ("Total;Budget (EUR)", "5;7", ["", "budget_amount"]),
        ("EUR", "5", ["budget_amount"]), ("Total EUR;Total USD", "5;\nTotal;5;7", ["budget_amount"] * 2), ("EUR '000;USD '000", "5;", ["budget_amount"] * 2), ("EUR;USD", "5;7", ["budget_amount"] * 2),
        ("Mise en œuvre", "IOM", ["implementer_slugs"]),
        ("Implementation", "IOM, Somebody", ["implementer_slugs"]), ("Implementation", "on track", [""]), ("Implementation", "2014-2016", ["period"]),
        ("Duration", "36", [""]), ("Duration", "36 months\nTwo;2014-2016", ["period"]), ("Actual start;Planned start", "2015;2014", ["start_date"] * 2), ("Planned start;Expected start", "2014;2015", ["start_date", ""]),
        ("Début prévu;Début", "VRAI;2014", ["start_date_planned", "start_date"]),
        ("Beneficiaries", "youth, 500 women", [""]), ("Beneficiaries", "Georgia", ["country_codes"]),
    ],
)  # fmt: skip
def test_heading_of_several_meanings_is_read_by_what_stands_beside_and_below(read, head, cells, columns):
    [sheet] = read(f"Title;{head}\nOne;{cells}\n").about["sheets"]
    assert [column["column"] for column in sheet["columns"][1:]] == columns


@pytest.mark.parametrize(
    ("head", "cells", "why"),
    [
        ("Implementation", "on track", "most of its cells cannot be “Period”"), ("Beneficiaries", "youth", "most of its cells cannot be “Country”"),
        ("Target country", "youth", "most of its cells cannot be “Country”"), ("Total value", "high", "most of its cells cannot be “Budget amount”"),
        ("Amount remaining", "70000", "the register has no such column."),
        ("Where", "Georgia", "the register has no such column, though all its cells can be “Country”"),
        ("When", "May 2014", "the register has no such column, though all its cells can be “Start date”"), ("Country;Countries covered", "Georgia;Armenia", "another column is “Country”"),
        ("Planned budget", "2014", "it says only what was planned"), ("Planned start", "soon", "it says only what was planned"), ("Beneficiaries;Country", "Georgia;Georgia", "another column is “Country”"),
        ("EU contribution (EUR);Contribution (EUR)", "5;7", "another column is “Funder amount”"), ("EU contribution (%)", "80", "the register has no such"),
        ("Amount;budget_amount", "5;7", "another column is “Budget amount”"),
        ("Code;Summary", "P1;Talks", "most of its cells cannot be “Country”"), ("Code;Country", "GE;Georgia", "another column is “Country”"),
        ("Country;Country code", "Georgia;GE\nTwo;Armenia;", "it repeats “Country”"),
    ],
)  # fmt: skip
def test_column_that_is_left_out_says_why(read, head, cells, why):
    assert f"is left out, as {why}" in " ".join(column_mapping.read_as(read(f"Title;{head}\nOne;{cells}\n")))


@pytest.mark.parametrize(
    ("head", "cells", "date", "quote"),
    [
        ("Planned start", "2014", ("2014", True), "Planned start: 2014"), ("Début prévu;Début", "oui;2014", ("2014", True), "Début: 2014; Début prévu: oui"),
        ("Planned start;Actual start", "2014;2015", ("2015", False), "Actual start: 2015"),
        ("Actual start;Planned start", "n/a;2014", ("2014", True), "Planned start: 2014"),
        ("Planned start;Period", "2014;2015-2017", ("2015", False), "Period: 2015-2017"),
    ],
)  # fmt: skip
def test_date_that_is_only_planned_is_read_as_planned(read, head, cells, date, quote):
    document = document_of(read(f"Title;{head}\nOne;{cells}\n").items.get())
    assert (document["start_date"]["value"], document["start_date"]["planned"]) == date
    assert [claim["quote"] for claim in document["claims"] if claim["field"] == "start_date"] == [quote]


def test_planned_date_does_not_replace_the_one_that_is_known(read, chief):
    for head, start in (("Start", "2015"), ("Planned start", "2014")):
        batch = read(f"Title;{head}\nOne;{start}\n")
        confirmed(batch, chief) if start == "2015" else None
    assert batch.items.get().verdict == "same"


def test_two_filled_columns_of_currencies_are_asked_once(read):
    for head in ("EUR;USD", "EUR amount;USD amount", "€ budget;US$ budget"):
        text = f"Title;{head}\nOne;1000;1100\nTwo;2000;2200\nThree;;3\n"
        [asked] = read(text).about["questions"]  # once, and not of both together
        first, second = (answer for answer, _label in asked["choices"])
        assert (asked["count"], first) == (2, f"the sum in {head.split(';')[0].split()[0]} counts, as its heading says")
        items = read(text, {"budget_amount": {asked["key"]: second}}).items.order_by("number")
        assert [document_of(item)["budget"]["amount"] for item in items] == ["1100.00", "2200.00", "3.00"]
        claims = [claim["quote"] for claim in document_of(items[0])["claims"] if claim["field"] == "budget"]
        assert claims[0].startswith(head.split(";")[1])


def test_contribution_of_the_union_is_paid_by_it(read):
    batch = read("Title;Total (EUR);EU contribution (EUR)\nOne;7;5\n")
    [part] = document_of(batch.items.get())["contributions"]
    assert (part["funder"]["slug"], part["amount"], part["currency"]) == ("european-union", "5.00", "EUR")
    parts = document_of(read("Title;Instrument;EU contribution (EUR)\nOne;ENI, AMIF;5\n").items.get())["contributions"]
    assert [(part["instrument"] and part["instrument"]["code"], part["amount"]) for part in parts] == [
        ("AMIF", None), ("ENI", None), (None, "5.00"),
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("row", "budget", "contributions", "undecided"),
    [
        ("Towers;1000;EU;1500", None, ["1500.00"], ["1000 EUR"]), ("Towers;2000;EU;2000", "2000.00", ["2000.00"], []),
        ("cmba;1000;;", "2600000.00", ["2600000.00"], ["1000 EUR"]),
        ("cmba;;IOM;3000000", "2600000.00", ["2600000.00"], ["IOM"]),
        ("cmba;3000000;IOM;4000000", "2600000.00", ["2600000.00"], ["3000000 EUR", "IOM"]),
    ],
)  # fmt: skip
def test_contributions_above_the_budget_are_noted_and_their_claims_not_decided(
    read, chief, row, budget, contributions, undecided
):
    text = f"Title;Budget (EUR);Funder;Contribution (EUR)\n{row}\n"
    batch = read(text)
    [item] = batch.items.all()
    document = document_of(item)
    assert (document["budget"] and document["budget"]["amount"]) == budget
    assert [part["amount"] for part in document["contributions"]] == contributions
    assert [claim["as_stated"] for claim in document["claims"] if claim["status"] == "undecided"] == undecided
    assert len([note for note in item.notes if "which is more than the total budget" in note]) == len(undecided)
    confirmed(batch, chief)
    assert read(text).counts["same"] == 1


@pytest.mark.parametrize(
    ("head", "date"),
    [
        ("Start date (dd/mm/yyyy)", "2014-04-03"), ("Start (mm/dd/yyyy)", "2014-03-04"), ("Début [JJ/MM/AAAA]", "2014-04-03"),
        ("Начало ДД.ММ.ГГГГ", "2014-04-03"), ("Period (dd.mm.yy)", "2014-04-03"), ("Period (MM-DD-YYYY)", "2014-03-04"),
    ],
)  # fmt: skip
def test_heading_may_give_the_order_of_day_and_month(read, head, date):
    batch = read(f"Title;{head}\nOne;03/04/2014{' - 05/06/2015' * ('Period' in head)}\n")
    assert batch.about["questions"] == []
    assert document_of(batch.items.get())["start_date"]["value"] == date


def test_chosen_row_of_headings_is_taken_or_named(read):
    assert read("A note;\n" * 40 + "Title;Country\nOne;GE\n").counts["new"] == 1
    text = "A note;\n" * 120 + "Title;Country\nOne;GE\n"
    assert "Choose on the page" in read(text).about["faults"][0]["what"]
    assert read(text, heading_rows={"": 121}).counts["new"] == 1
    *_others, fault = read(text, heading_rows={"": 999}).about["faults"]
    assert (fault["place"], fault["what"][:43]) == ("row 999", "It was chosen for the headings, and is empt")


@pytest.mark.parametrize("rows", ["One;Georgia;abc\nTwo;Moldova", "One;Georgia;5\nTwo;Narnia"])
def test_short_row_with_a_cell_that_cannot_be_read_is_not_torn(read, rows):
    batch = read(f"Title;Country;Budget (EUR);Lead\n{rows}\nThree;Georgia;7;IOM\n")
    assert not batch.about["faults"]
    assert len(batch.about["questions"]) == 1


def test_row_without_a_title_belongs_to_the_one_above_only_where_there_is_one(read):
    text = "Title;Country;Budget (EUR)\n;GE;5\n;AM;7\nOne;GE;9\n;MD;\n"
    first_ones, others = read(text).about["questions"]
    assert (first_ones["places"], others["places"]) == (["row 2", "row 3"], ["row 5"])
    assert [[way for way, _label in one["choices"]] for one in (first_ones, others)] == [[_UNTITLED[1]], [*_UNTITLED]]
    further = {others["key"]: _UNTITLED[0]}
    [question] = read(text, {"": further}).about["questions"]
    assert question["places"] == ["row 2", "row 3"]
    answered = read(text, {"": further | {first_ones["key"]: _UNTITLED[1]}})
    assert [each["code"] for each in document_of(answered.items.get())["countries"]] == ["GE", "MD"]
    left_out = read(text, {"": {others["key"]: _UNTITLED[1]}})
    assert (left_out.about["questions"], left_out.counts["new"]) == ([], 1)


def test_row_that_adds_up_is_known_by_its_first_words_or_title_and_not_by_an_acronym(read):
    rows = ("Support;SUM;GE;5", "1;;Total général;9", "Georgia;;;7", ";;GE;", "Two;;MD;6")
    batch = read("Title;Acronym;Country;Budget (EUR)\n" + "\n".join(rows) + "\n")
    assert "or numbers the columns: row 3" in " ".join(column_mapping.read_as(batch))
    assert [item.key for item in batch.items.filter(verdict="new").order_by("number")] == ["support", "georgia", "two"]
    [refused] = batch.items.filter(verdict="refused")
    assert (refused.place, refused.faults[0]["column"]) == ("row 5", "A “Title”")
    assert "has to be stated" in refused.faults[0]["what"]
    grouped = read("Country;Title;Budget (EUR)\nGeorgia;One;5\nGeorgia;Total;5\n")
    assert grouped.counts["new"] == 1
    assert not grouped.counts["refused"]


def test_identifier_of_two_rows_is_named(read):
    batch = read("IATI identifier;Title\nXX-1;One\nxx-1;Two\n")
    faults = [item.faults[0] for item in batch.items.order_by("number")]
    assert {fault["column"] for fault in faults} == {"A “IATI identifier”"}
    assert faults[1]["what"].startswith("“xx-1” is in 2 rows: row 2; row 3.")
    assert batch.about["questions"] == []


def test_column_currency_counts_for_all_sums_of_its_row(read):
    text = "Title;Budget;{};Funder;Funder amount\nOne;1000000;USD;IOM;500000\nTwo;;CHF;IOM;400000\nThree;;CHF;IOM;€3m\n"
    batch = read(text.format("Currency"))
    assert batch.about["questions"] == []
    parts = [document_of(item)["contributions"][0] for item in batch.items.order_by("number")]
    assert [(part["amount"], part["currency"]) for part in parts] == [
        ("500000.00", "USD"), ("400000.00", "CHF"), ("3000000.00", "EUR"),
    ]  # fmt: skip
    [asked] = read(text.format("budget_currency")).about["questions"]
    assert asked["heading"] == "funder_currency"


@pytest.mark.parametrize(
    ("heading", "budget"),
    [
        ("EUR '000", "2500.00"), ("x 1,000 EUR", "2500.00"), ("€000", "2500.00"), ("EUR million", "2500000.00"),
        ("EUR m, indicative", None), ("EUR 10^3", None),
    ],
)  # fmt: skip
def test_factor_of_a_heading_is_never_lost(read, heading, budget):
    batch = read(f"Title;Budget ({heading})\nOne;2,5\n")
    document = document_of(batch.items.get())
    assert document["budget"] == (budget and {"amount": budget, "currency": "EUR"})
    assert batch.about["otherwise"] == 0
    assert ("is left out" in " ".join(column_mapping.read_as(batch))) is (budget is None)


@pytest.mark.parametrize(
    "cell",
    [
        "Training; Return", "1. Training; 2. Return", '"Training\nReturn"', "Training | Return", "a) Training; b) Return",
        "i. Training; ii. Return",
    ],
)  # fmt: skip
def test_components_in_one_cell_are_numbered_in_their_order(read, cell):
    components = document_of(read(f"title,components\nOne,{cell}\n").items.get())["components"]
    assert components == [{"number": 1, "title": "Training"}, {"number": 2, "title": "Return"}]


def test_two_rows_of_one_title_that_differ_are_named_with_what_differs(read):
    batch = read("Title;Country;Acronym\nVisa talks;Georgia;VT\nVisa talks;Moldova;VT\n")
    refused = batch.items.filter(verdict="refused")
    assert [item.identifier for item in refused] == ["Visa talks", "Visa talks"]
    assert refused[0].faults[0]["what"] == (
        "“Visa talks” is in 2 rows: row 2; row 3. They differ in “Country”."
        " Leave out all but one, or give each its own title."
    )


def test_rows_of_one_title_are_one_project_or_the_first_alone_as_a_person_says(read):
    text = "Title;Country;Donor\nVisa talks;Georgia;EU\nVisa talks;Moldova;IOM\n"
    [asked] = read(text).about["questions"]
    batches = [read(text, {"": {asked["key"]: way}}) for way, _label in asked["choices"]]
    documents = [document_of(batch.items.get()) for batch in batches]
    assert [[each["code"] for each in document["countries"]] for document in documents] == [["GE", "MD"], ["GE"]]
    assert [len(document["contributions"]) for document in documents] == [2, 1]
    assert [column_mapping.left_out(batch) for batch in batches] == [[], []]
    for own in ("Slug", "Reference"):
        with_own = f"{own};Title\none;Visa talks\ntwo;Visa talks\n"
        assert read(with_own, batches[0].options["answers"]).items.count() == 2


def test_rows_of_one_title_and_identifier_are_asked_like_those_of_a_title(read):
    [asked] = read("Reference;Title;Country\nR-3;Visa talks;GE\nr-3;visa talks;MD\n").about["questions"]
    assert asked["choices"][0][0].startswith("each title is one project")


def test_acronym_of_two_new_projects_of_a_file_is_noted(read):
    batch = read("Title;Acronym\nOne;VT\nTwo;vt\nNEXUS;N\nNEXUS;N\n")
    noted = "is the acronym in 2 rows: row 2; row 3. Is that right?"
    assert [item.notes for item in batch.items.order_by("number")] == [[f"“VT” {noted}"], [f"“vt” {noted}"], [], []]


@pytest.mark.parametrize(
    ("rows", "titles"),
    [
        ("NEXUS;N;\nnexus;;GE\nMy nexus;;AM", ["NEXUS"]),  # by an answer
        ("Return (phase 1);R;GE\nreturn – Phase 1;R;AM", ["Return (phase 1)"]),  # but for signs
    ],
)
def test_rows_of_one_project_by_any_name_are_asked_like_those_of_one_title(read, rows, titles):
    text, mine = f"Title;Acronym;Country\n{rows}\n", {"title": {"My nexus": "=nexus"}}
    [asked] = read(text, mine).about["questions"]
    batch = read(text, mine | {"": {asked["key"]: asked["choices"][0][0]}})
    assert [document_of(item)["title"] for item in batch.items.all()] == titles
    assert {"GE", "AM"} <= {one["code"] for one in document_of(batch.items.get())["countries"]}


def test_duplicate_stays_one_beside_an_answer_about_other_rows_of_one_title(read):
    text = "Title;Country;Budget (EUR)\nOne;GE;5\nOne;AM;5\nTwo;GE;100,00\nTwo;Georgia;100\n"
    [asked] = read(text).about["questions"]
    batch = read(text, {"": {asked["key"]: asked["choices"][0][0]}})
    [refused] = batch.items.filter(verdict="refused")
    assert (batch.about["questions"], refused.faults[0]["what"]) == ([], "It is the same as row 4. Leave it out.")


def test_further_row_of_a_title_in_other_case_does_not_rename_its_project(read):
    text = "Title;Country;Status\nNEXUS;Moldova;\nnexus;Moldova;completed\n"
    [asked] = read(text).about["questions"]
    item = read(text, {"": {asked["key"]: asked["choices"][0][0]}}).items.get()
    assert (document_of(item)["title"], document_of(item)["status"]) == ("NEXUS", "completed")


def test_letters_that_no_encoding_has_are_refused_not_lost(chief):
    text = "Title;Název\nŘíční hranice – Škola;é\n"
    assert document_of(uploaded(chief, text.encode("cp1250")).items.get())["title"] == "Říční hranice – Škola"
    assert (
        "neither UTF-8 nor of Windows, at byte 11, in line 2"
        in uploaded(chief, "Title;Pays\nè;é".encode("mac-roman")).note
    )


@pytest.mark.parametrize("cells", [("1 500 000", "1500000"), ("EUR 2m", "2 M€"), ("1;é", "1;e\u0301")])
def test_row_that_says_the_same_in_other_words_is_a_duplicate(read, cells):
    first, second = read(
        f"Title;Country;Budget (EUR);Summary\nOne;GE;{cells[0]}\nOne;Georgia;{cells[1]}\n"
    ).items.order_by("number")
    assert (first.verdict, second.faults[0]["what"]) == ("new", "It is the same as row 2. Leave it out.")


@pytest.mark.parametrize(
    ("text", "answers"),
    [
        ("Donor;Donor contribution (EUR)\nOne;Norway;5", {"funder_slugs": {"Norway": ""}}),
        ("Budget\nOne;$5", {"budget_currency": {"AUD, CAD, NZD, USD": ""}}),
    ],
)
def test_sum_goes_with_what_is_left_out(read, text, answers):
    batch = read(f"Title;{text}\n", answers)
    document = document_of(batch.items.get())
    assert (batch.about["questions"], document["budget"], document["contributions"]) == ([], None, [])


def test_titles_without_latin_letters_or_with_a_sign_first_get_keys_of_their_own(chief):
    table = "title,country_codes\nСлужба занятости,MD\nსაზღვრის მართვა,GE\n=,MD\n…,AM\n=SUM(1),AM\n+,GE\n".encode()
    batch = confirmed(uploaded(chief, table), chief)
    titles = dict(batch.items.filter(kind="project").values_list("key", "identifier"))
    assert titles == {
        "sluzhba-zaniatosti": "Служба занятости", "sazgvris-martva": "საზღვრის მართვა", "project": "=",
        "project-2": "…", "sum-1": "=SUM(1)", "project-3": "+",
    }  # fmt: skip
    assert uploaded(chief, table).counts["same"] == len(titles)


def test_french_list_finds_official_names_and_leaves_its_total_out(chief):
    table = (
        "Intitulé du projet;Pays;Date de début;Instrument;Montant (k€);Bailleur\n"
        "Gestion des frontières;Moldavie;janvier 2014;IEV;2 500;Union européenne\n"
        "Sous-total;;;;2 500;\nSub-total;;;;2 500;\nTotal;;;;2 500;\n;Total;;;2 500;\nTotal UE;;;;2 500;\n"
    )
    batch = uploaded(chief, table.encode(), "liste.csv")
    assert batch.about["questions"] == []
    [item] = batch.items.all()
    document = document_of(item)
    assert document["budget"] == {"amount": "2500000.00", "currency": "EUR"}
    assert document["contributions"][0]["funder"]["slug"] == "european-union"


def test_project_whose_title_begins_with_total_or_page_is_one(chief):
    titles = ["Total quality at the border", "Page 2 of the dialogue"]
    table = f"title;countries;Budget (EUR)\n{titles[0]};Georgia;2500\n{titles[1]};Georgia;2500\nTotal EU;;5000\n"
    batch = uploaded(chief, table.encode())
    assert [document_of(each)["title"] for each in batch.items.order_by("number")] == titles


def test_sign_of_several_currencies_is_asked_apart_from_sums_without_one(chief):
    table = b"title,budget_amount\nA,$2m\nB,500000\nC,$3m\n"
    batch = uploaded(chief, table)
    asked = {question["key"]: question["count"] for question in batch.about["questions"]}
    assert asked == {"AUD, CAD, NZD, USD": 2, "": 1}
    batch = uploaded(chief, table, answers={"budget_currency": {"AUD, CAD, NZD, USD": "USD", "": "EUR"}})
    currencies = {item.identifier: document_of(item)["budget"]["currency"] for item in batch.items.all()}
    assert currencies == {"A": "USD", "B": "EUR", "C": "USD"}


def test_comma_cuts_no_name_beside_semicolons_or_in_brackets(read):
    text = 'Title,Partners,Donor\nOne,"IOM; ICMPD",\nTwo,"Ministry of Labour, Family; IOM","Norway (1,000 EUR), EU"\n'
    asked = [one["texts"] for one in read(text).about["questions"]]
    assert asked == [["Ministry of Labour, Family"], ["Norway (1,000 EUR)"]]


def test_answer_counts_for_its_column_only(read):
    answers = {"lead_slugs": {"Suède": "icmpd"}, "implementer_slugs": {"Suède": ""}}
    batch = read("Title;Lead;Implementer\nOne;Suède, IOM;Suède, IOM\n", answers)
    organisations = document_of(batch.items.get())["organisations"]
    assert {(each["role"], each["slug"]) for each in organisations} == {
        ("lead", "icmpd"), ("lead", "iom"), ("implementer", "iom"),
    }  # fmt: skip


def test_organisation_that_an_answer_adds_is_added_once(read, chief):
    text, new = "Project title;Country;Lead\nVisits;Georgia;Suède\n", {"lead_slugs": {"Suède": "+"}}
    confirmed(read(text, new), chief)
    again = read(text, new)
    assert {name: count for name, count in again.counts.items() if count} == {"same": 1}


def contributions(batch):
    items = batch.items.filter(kind="project").exclude(document="").order_by("number")
    return [[(one["funder"]["slug"], one["amount"]) for one in document_of(item)["contributions"]] for item in items]


def test_sums_without_a_funder_are_asked_once_and_kept_for_their_heading(read, chief):
    text = "Title;Country;Donor contribution;Currency\nOne;GE;10500;EUR\nTwo;GE;21000;EUR\n"
    [asked] = read(text).about["questions"]
    assert (asked["count"], asked["what"]) == (2, "The row does not name who pays its sum. Whose is the sum?")
    assert ["european-union", "European Union"] in asked["choices"]
    assert contributions(read(text, {"funder_slugs": {"": ""}})) == [[], []]
    [unknown] = read(text, {"funder_slugs": {"": "Nordfund"}}).about["questions"]
    assert unknown["texts"] == ["Nordfund"]
    typed = read(text, {"funder_slugs": {"": "Nordfund", "Nordfund": "+"}})
    assert contributions(typed) == [[("nordfund", "10500.00")], [("nordfund", "21000.00")]]
    confirmed(read(text, {"funder_slugs": {"": "european-union"}}), chief)
    later = "Title;Country;{};Currency\nThree;GE;9;EUR\n"
    kept = read(later.format("Donor contribution"))
    assert kept.about["kept"] == ["in “Donor contribution”, sums without a funder are from European Union"]
    assert contributions(kept) == [[("european-union", "9.00")]]
    assert read(later.format("Donor amount")).counts["refused"] == 1


def test_sum_of_a_row_with_two_who_pay_is_whose_a_person_says(read):
    text = "Title;Country;Funder;Instrument;Funder amount;Currency\nOne;AM;IOM;ENI;100;EUR\n"
    [asked] = read(text).about["questions"]
    assert (asked["texts"], asked["choices"]) == (
        ["European Union, IOM"], [["european-union", "European Union"], ["iom", "IOM"]],
    )  # fmt: skip
    for answer, amounts in (("iom", [None, "100.00"]), ("european-union", ["100.00", None]), ("", [None, None])):
        [paid] = contributions(read(text, {"funder_amount": {asked["key"]: answer}}))
        assert paid == list(zip(("european-union", "iom"), amounts, strict=True))


def test_what_has_to_be_stated_is_not_offered_to_be_left_out(read, chief, client):
    text = "project_slug,field,as_stated,quote,source_slug\nnexus,budget,EUR 4 million,It has EUR 4 million,{}\n"
    batch = read(text.format("desk-source"))
    [asked] = batch.about["questions"]
    client.force_login(chief)
    page = client.get(f"/admin/imports/import/{batch.pk}/change/").text
    options = page.partition('name="answer-0"')[2].partition("</select>")[0]
    assert "this file, desk.csv</option>" in options
    assert 'value=""' not in options
    answer = {"source_slug": {asked["key"]: asked["choices"][0][0]}}
    assert read(text.format("desk-source"), answer).counts["changed"] == 1


def test_column_of_quotes_beside_that_of_values_is_left_out(read):
    batch = read("Title;Country;Start;Start (quote);Budget (as stated)\nTower;GE;2014;it began in 2014;EUR 1 million\n")
    assert (batch.about["questions"], document_of(batch.items.get())["start_date"]["value"]) == ([], "2014")


@pytest.mark.parametrize(
    ("rows", "verdict"),
    [
        ("Twin borders;;GE\nTwin Borders ;;Georgia\n", "new"),
        ("CMBA;;\ncmba;CMBA;\n", "same"),  # as the register has it
    ],
)
def test_row_that_names_the_same_project_otherwise_is_a_duplicate(read, rows, verdict):
    first, *others = read(f"Title;Acronym;Country\n{rows}").items.order_by("number")
    assert first.verdict == verdict
    assert [fault["what"] for one in others for fault in one.faults] == ["It is the same as row 2. Leave it out."]


def test_list_with_its_headings_below_one_another_is_turned(read, chief):
    text = (
        "Project title;Return;Labour;Total\nCountry;Georgia;Nowhere;\nStart;2014;03/04/2015;\nBudget (EUR);1000;2,5;3\n"
        "Notes;a;b;c\n"
    )
    batch = read(text)
    assert sorted((one["texts"], one["places"]) for one in batch.about["questions"]) == [
        (["03/04/2015"], ["column C"]), (["Nowhere"], ["column C"]),
    ]  # fmt: skip
    said = " ".join(column_mapping.read_as(batch))
    assert "Its headings stand below one another: each further column is read as a project." in said
    assert "Row 4 “Budget (EUR)” is read as “Budget amount”, in EUR. Row 5 “Notes” is left out" in said
    assert "numbers the columns: column D." in said
    first = batch.items.get(verdict="new")
    document = document_of(first)
    assert (first.place, document["budget"]["amount"], document["start_date"]["value"]) == (
        "column B",
        "1000.00",
        "2014",
    )
    assert {claim["place"] for claim in document["claims"]} == {f"column B, row {row}" for row in (1, 2, 3, 4)}
    assert read("Title;Towers\nCountry;Georgia\nStart;2014\n").items.get().identifier == "Towers"
    assert read("Country;Georgia\nStatus;any\nTitle;Country;Start;End\nOne;GE;2014;2015\n").counts["new"] == 1


@pytest.mark.parametrize(
    "text",
    [
        "Country;2014;2015;Total\nMoldova;1;2;3\nTotal;1;2;3\n",
        "Sum of Budget;Column Labels\nRow Labels;ENI;AMIF\nMoldova;1;2\n",
    ],
)
def test_pivot_is_named_with_what_would_be_right(read, text):
    [fault] = read(text).about["faults"]
    assert "A list of projects has a project a row, and a column “Title”" in fault["what"]


PAYERS = (
    "Title;Country;Instrument;EU;Sweden;ICMPD;Total;Currency\nTowers;Georgia;ENI;800;200;;1000;EUR\n"
    "Visas;Moldova;;;100;5;200;USD\nPorts;Moldova;;;;;300;USD\n"
)


def test_sums_below_names_are_contributions_or_not_as_a_person_says_once(read):
    batch = read(PAYERS)
    [asked] = batch.about["questions"]
    assert (asked["texts"], asked["count"], batch.counts["new"]) == (["EU, Sweden, ICMPD"], 2, 1)
    assert "“Sweden” is left out, as it is asked whether its sums are contributions" in " ".join(
        column_mapping.read_as(batch)
    )
    yes, no = (choice for choice, _label in asked["choices"])
    assert contributions(read(PAYERS, {"": {asked["key"]: no}})) == [[("european-union", None)], [], []]
    [unknown] = read(PAYERS, {"": {asked["key"]: yes}}).about["questions"]
    assert (unknown["texts"], unknown["count"]) == (["Sweden"], 2)
    batch = read(PAYERS, {"": {asked["key"]: yes}, "funder_slugs": {"Sweden": "+"}})
    assert contributions(batch) == [
        [("european-union", "800.00"), ("sweden", "200.00")], [("sweden", "100.00"), ("icmpd", "5.00")], [],
    ]  # fmt: skip
    document = document_of(batch.items.get(identifier="Towers"))
    assert document["contributions"][0]["instrument"]["code"] == "ENI"
    quotes = {claim["as_stated"]: claim["quote"] for claim in document["claims"] if claim["field"] == "contributions"}
    assert quotes["200"] == "Sweden: 200; Instrument: ENI"


def test_column_of_sums_that_a_person_chose_is_paid_by_whom_its_heading_names(read):
    batch = read("Title;ICMPD (EUR)\nOne;5\n", columns={"ICMPD (EUR)": "funder_amount"})
    assert contributions(batch) == [[("icmpd", "5.00")]]
    long = "International Centre for Migration Policy Development (USD)"
    columns = dict.fromkeys(["ICMPD (EUR)", long], "funder_amount")
    asked = read(f"Title;ICMPD (EUR);{long};Sweden\nOne;5;6;7\n", columns=columns).about["questions"]
    assert [one["texts"] for one in asked] == [["5 EUR / 6 USD"], ["Sweden"]]


def test_contribution_of_the_european_union_is_read_beside_a_column_of_funders(read):
    batch = read("Title;EU contribution (EUR);Donors\nOne;5;EU; IOM\nTwo;7;IOM\n".replace("EU; IOM", '"EU; IOM"'))
    assert contributions(batch) == [
        [("european-union", "5.00"), ("iom", None)],
        [("iom", None), ("european-union", "7.00")],
    ]


def test_sum_in_dollars_that_is_asked_keeps_its_sign(read):
    text = 'Title;Country;Budget\nOne;GE;$ 350,000\nTwo;GE;"$120,500.00"\n'
    of_comma = next(one for one in read(text).about["questions"] if one["is_of_column"])
    answers = {"budget_amount": {of_comma["key"]: of_comma["choices"][0][0]}}
    [asked] = read(text, answers).about["questions"]
    assert (asked["key"], asked["count"]) == ("AUD, CAD, NZD, USD", 2)


def test_rows_below_the_last_total_are_no_projects(read):
    text = "Title;Country;Budget (EUR)\nOne;GE;500\nTwo;AM;700\nTotal;;1200\nof which EU;;900\nNumber of projects;;2\n"
    batch = read(text)
    assert (batch.counts["new"], batch.about["questions"]) == (2, [])
    assert "numbers the columns: row 4, 5, 6." in " ".join(column_mapping.read_as(batch))
    assert read(text + "Three;MD;1\n").counts["new"] == 5


def test_sums_of_one_payer_in_two_columns_are_not_added_up(read):
    text = "Title;EU contribution (EUR);EU contribution (USD)\nOne;5;{}\nTwo;;7\n"
    assert contributions(read(text.format(""))) == [[("european-union", "5.00")], [("european-union", "7.00")]]
    [asked] = read(text.format("6")).about["questions"]
    assert asked["texts"] == ["5 EUR / 6 USD"]


@pytest.mark.parametrize("again", ["Project;Country;Budget (USD);Start", "Project;Country;Start;Budget (EUR)"])
def test_further_headings_that_are_others_are_refused(read, again):
    [fault] = read(f"Title;Country;Budget (EUR);Start\nOne;GE;5;2014\n{again}\nTwo;MD;2000;2015\n").about["faults"]
    assert (fault["place"], fault["what"][:45]) == ("row 3", "It has headings, but others than those above.")


def test_date_that_a_spreadsheet_may_have_shortened_is_asked(read):
    [asked] = read("Title;Start\nOne;2014.1\nTwo;2014.10\nThree;2014.2\n").about["questions"]
    assert (asked["texts"], [answer for answer, _label in asked["choices"]]) == (["2014.1"], ["2014-01", "2014-10"])


def test_claim_quotes_the_cell_without_the_contradiction_that_was_asked(read):
    text = "Title;Budget (EUR)\nOne;1500 USD\n"
    [asked] = read(text).about["questions"]
    item = read(text, {"budget_amount": {asked["key"]: asked["choices"][0][0]}}).items.get()
    [claim] = [claim for claim in document_of(item)["claims"] if claim["field"] == "budget"]
    assert (claim["as_stated"], claim["quote"]) == ("1500 USD", "Budget (EUR): 1500 USD")


def test_sum_without_a_currency_is_asked_with_the_heading_of_its_column(read):
    [asked] = read("Title;Budget (crores)\nOne;5\n").about["questions"]
    assert asked["columns"] == ["B “Budget (crores)”"]


def test_start_and_end_below_a_heading_of_both_are_start_and_end(read):
    batch = read("Title;Perioada;;Country\n;de la;până la;\nOne;2014-03;2016-12;GE\n")
    document = document_of(batch.items.get())
    assert (document["start_date"]["value"], document["end_date"]["value"]) == ("2014-03", "2016-12")


@pytest.mark.parametrize(
    ("head", "columns"),
    [
        ("Title;Country;Duration;;Budget;EUR contribution\n;;from;to;EUR;EUR", ["Country", "Duration › from", "Duration › to", "Budget (EUR)", "EUR contribution"]),
        ("Title;Country;EU funding;;Other donors\n;;Instrument;MEUR;MEUR", ["Country", "EU funding › Instrument", "EU funding (MEUR)", "Other donors (MEUR)"]),
        ("Title;;;Start\n;Country;Budget (EUR);", ["Country", "Budget (EUR)", "Start"]),
    ],
)  # fmt: skip
def test_second_row_of_headings_completes_the_first_without_merged_cells(read, head, columns):
    [sheet] = read(f"{head}\nOne;GE;;;;\n").about["sheets"]
    assert sheet["heading_row"] == 2
    assert [column["heading"] for column in sheet["columns"]][1:] == columns


@pytest.mark.parametrize("row", [";Georgia;;", ";Title;;", ";Comment on all;;"])
def test_row_below_headings_is_not_one_of_them_if_its_words_are_unknown_or_known_above(read, row):
    batch = read(f"Title;;Start;End\n{row}\nOne;x;2014;2015\n")
    assert batch.about["sheets"][0]["heading_row"] == 1


def test_sum_of_a_funder_in_millions_is_read_as_its_claim_states_it(read):
    document = document_of(read("Title;Funder;Contribution\nOne;EU;1,5 M€\n").items.get())
    assert {claim["reading"] for claim in document["claims"]} == {"as-value"}


@pytest.mark.parametrize(
    ("head", "cell", "quotes"),
    [
        ("Budget (k€)", "1500 €", ["Budget (k€): 1500 €", "Budget (k€): 1500 k€"]),
        ("Budget (k€);Currency", "5;M€", ["Budget (k€): 5 k€; Currency: €", "Budget (k€): 5 M€; Currency: €"]),
    ],
)
def test_sum_of_which_the_unit_was_chosen_is_quoted_in_that_unit(read, head, cell, quotes):
    text = f"Title;{head}\nOne;{cell}\n"
    [asked] = read(text).about["questions"]
    for (answer, _label), quote in zip(asked["choices"], quotes, strict=True):
        item = read(text, {"budget_amount": {asked["key"]: answer}}).items.get()
        [claim] = [claim for claim in document_of(item)["claims"] if claim["field"] == "budget"]
        assert (claim["quote"], claim["reading"]) == (quote, "as-value")


def test_sign_for_the_same_as_above_is_the_value_above_and_named(read):
    batch = read(
        'Title;Country;Start;Lead\nOne;Georgia;2014;IOM\nTwo;″;idem;-do-\nThree;"""";2015;-//-\nFour;Moldova;″;IOM\nFive;″;″;″\n'
    )
    assert batch.about["questions"] == []
    documents = [document_of(item) for item in batch.items.order_by("number")]
    assert [one["countries"][0]["code"] for one in documents] == ["GE", "GE", "GE", "MD", "MD"]
    assert [one["start_date"]["value"] for one in documents] == ["2014", "2014", "2015", "2015", "2015"]
    assert [one["organisations"][0]["slug"] for one in documents] == ["iom"] * 5
    assert "or signs for the same as above: B3 “Georgia”, C3 “2014”" in " ".join(column_mapping.read_as(batch))


def test_project_of_the_same_file_is_found_by_its_title_as_what_another_is_part_of(read):
    batch = read("Title;Country;Part of\nPorts;GE;Harbours\nHarbours;GE;\nPosts;GE;NEXUS\n")
    assert (batch.about["questions"], batch.counts["new"]) == ([], 3)
    parts = {item.identifier: document_of(item)["part_of"] for item in batch.items.all()}
    assert {title: part and part["slug"] for title, part in parts.items()} == {
        "Ports": "harbours", "Harbours": None, "Posts": "nexus",
    }  # fmt: skip


@pytest.mark.parametrize(("flag", "is_planned"), [("O", True), ("N", False)])
def test_french_letter_is_yes_or_no(read, flag, is_planned):
    document = document_of(read(f"Title;start_date;start_date_planned\nUn;2014;{flag}\n").items.get())
    assert document["start_date"]["planned"] is is_planned


def test_lists_below_one_another_with_other_headings_are_refused_whichever_has_more(read):
    text = (
        "List A;;;\nTitle;Country;Start;\nOne;GE;2014;\nTwo;MD;2015;\nTitle;Country;Budget;Currency\nThree;AM;5;EUR\n"
    )
    fault, *_others = read(text).about["faults"]
    assert (fault["place"], fault["what"][:45]) == ("row 5", "It has headings, but others than those above.")


def test_list_whose_titles_are_like_headings_is_not_turned(read):
    batch = read("name,country,start\nCountry,Georgia,2014\nBudget,Moldova,2015\nStart date,Armenia,2016\n")
    assert [item.identifier for item in batch.items.order_by("number")] == ["Country", "Budget", "Start date"]


def test_refused_rows_are_given_back_with_the_line_that_names_the_unit_of_their_sums(read):
    batch = read("Title;Country;Budget\nOne;GE;1000\nTwo;Nowhere;2000\n;;\n* Amounts in thousand EUR;;\n")
    refused = beside(batch, "refused").read_bytes().decode("utf-8-sig").splitlines()
    assert refused == ["Title;Country;Budget", "Two;Nowhere;2000", "* Amounts in thousand EUR;;"]


@pytest.mark.parametrize("cell", ["1. Policy | 2. Training", "Component 1: Policy | Component 2: Training"])
def test_numbered_components_are_parted_by_an_upright_line(read, cell):
    components = document_of(read(f"Title;Components\nOne;{cell}\n").items.get())["components"]
    assert [(one["number"], one["title"]) for one in components] == [(1, "Policy"), (2, "Training")]


def test_rows_that_differ_in_a_column_that_is_left_out_are_not_the_same(read):
    [asked] = read("Title;Country;Beneficiaries reached\nOne;GE;12\nOne;GE;40\n").about["questions"]
    assert "They differ in “Beneficiaries reached”" in asked["what"]


def test_row_for_each_organisation_and_its_role_brings_all_of_them(read):
    text = (
        "Project;Organisation;Role;Country\nOne;IOM;lead;GE\nOne;ICMPD;implementing partner;GE\nOne;France;donor;GE\n"
        "One;EU;observer;GE\n"
    )
    ways, role = sorted(read(text).about["questions"], key=lambda one: one["heading"])
    answers = {"": {ways["key"]: ways["choices"][0][0]}, role["heading"]: {role["key"]: "partner_slugs"}}
    document = document_of(read(text, answers).items.get())
    assert [(one["slug"], one["role"]) for one in document["organisations"]] == [
        ("iom", "lead"), ("icmpd", "implementer"), ("european-union", "partner"),
    ]  # fmt: skip
    assert [one["funder"]["slug"] for one in document["contributions"]] == ["france"]
    assert "Organisation: IOM" in " ".join(one["quote"] for one in document["claims"])
    batch = read("Project;Organisation\nOne;IOM\n")
    assert "left out, as no other column says what each" in " ".join(column_mapping.read_as(batch))


def test_rows_without_a_title_are_asked_once_and_belong_to_the_row_above_or_are_left_out(read):
    text = "Title;Donor;Contribution (EUR);Country\nOne;EU;10;GE\n;France;5;\nTwo;EU;7;GE\n;IOM;3;\n"
    [asked] = read(text).about["questions"]
    assert (asked["count"], asked["places"]) == (2, ["row 3", "row 5"])
    above, out = (read(text, {"": {asked["key"]: way}}) for way, _label in asked["choices"])
    assert contributions(above) == [
        [("european-union", "10.00"), ("france", "5.00")], [("european-union", "7.00"), ("iom", "3.00")],
    ]  # fmt: skip
    assert [len(each) for each in contributions(out)] == [1, 1]


@pytest.mark.parametrize(
    ("cells", "member", "values"),
    [
        (("15190", "15190 – Facilitation; 43010"), "sectors", [["1:15190"], ["1:15190", "1:43010"]]),
        (("Border management", "Asylum"), "themes", [["border-management"], ["asylum"]]),
    ],
)
def test_column_of_sectors_holds_codes_or_words(read, cells, member, values):
    batch = read("Title;Sector\nOne;{}\nTwo;{}\n".format(*(f'"{cell}"' for cell in cells)))
    documents = [document_of(item) for item in batch.items.order_by("number")]
    found = [[one if isinstance(one, str) else one["slug"] for one in each[member]] for each in documents]
    assert (batch.about["questions"], found) == ([], values)


def test_sector_that_is_no_code_is_asked(read):
    [asked] = read("Title;Sector\nOne;15190\nTwo;Health\n").about["questions"]
    assert asked["texts"] == ["Health"]


def test_public_project_keeps_as_undecided_what_names_a_new_organisation(read, register):
    batch = read("Title;Lead;Acronym\nNEXUS;Wholly New;NX\n", {"lead_slugs": {"Wholly New": "+"}})
    item = batch.items.get(kind="project")
    document = document_of(item)
    assert (item.verdict, document["acronym"]) == ("changed", "NX")
    assert "wholly-new" not in [one["slug"] for one in document["organisations"]]
    assert "names what is not: “Wholly New”" in item.notes[0]
    assert [one["status"] for one in document["claims"] if one["as_stated"] == "Wholly New"] == ["undecided"]


@pytest.mark.parametrize(
    ("text", "members"),
    [
        ("Title;Start;End\nOne;2016;2014", ["start_date", "end_date"]),
        ("Title;Status as of\nOne;2016", ["status_as_of"]),
    ],
)
def test_what_breaks_a_rule_is_kept_as_an_undecided_claim(read, text, members):
    batch = read(f"{text}\n")
    item = batch.items.get()
    document = document_of(item)
    assert (item.verdict, [document[name] for name in members]) == ("new", [None] * len(members))
    assert [one["field"] for one in document["claims"] if one["status"] == "undecided"] == members
    assert "is kept as a claim that is not decided" in item.notes[0]


def test_parts_find_their_project_by_any_name_and_an_unknown_one_is_asked(read):
    text = "project_slug;organisation_slug;role;component\nNEXUS;IOM;partner;\nNexsus;IOM;lead;\n"
    [asked] = read(text).about["questions"]
    assert (asked["texts"], asked["choices"]) == (["Nexsus"], [["nexus", "NEXUS (nexus)"]])
    batch = read(text, {"project_slug": {asked["key"]: "nexus"}})
    roles = [(one["slug"], one["role"]) for one in document_of(batch.items.get())["organisations"]]
    assert sorted(roles) == [("iom", "lead"), ("iom", "partner")]


def test_who_pays_under_an_instrument_of_others_is_asked_with_its_sum(read):
    text = "Title;Instrument;Contribution (EUR)\nOne;Bilateral;1000\n"
    [asked] = read(text).about["questions"]
    assert (asked["heading"], asked["texts"]) == ("funder_slugs", ["BILATERAL"])
    paid = document_of(read(text, {"funder_slugs": {asked["key"]: "france"}}).items.get(kind="project"))
    [part] = paid["contributions"]
    assert (part["funder"]["slug"], part["instrument"]["code"], part["amount"]) == ("france", "BILATERAL", "1000.00")
    [left] = read(text, {"instrument_codes": {"Bilateral": ""}}).about["questions"]
    assert left["what"] == "The row does not name who pays its sum. Whose is the sum?"


@pytest.mark.parametrize(
    ("heads", "row", "amounts"),
    [
        ("Commitment (EUR)", "10", ("10.00", [])),
        ("Commitment (EUR);Budget (EUR)", "10;20", ("20.00", [])),
        ("Commitment (EUR);Funder", "10;EU", (None, [("european-union", "10.00")])),
    ],
)
def test_commitment_that_nobody_makes_is_the_budget_unless_another_column_is(read, heads, row, amounts):
    batch = read(f"Title;{heads}\nOne;{row}\n")
    assert batch.about["questions"] == []
    assert ((document_of(batch.items.get())["budget"] or {}).get("amount"), *contributions(batch)) == amounts


def test_currency_of_a_budget_and_what_is_paid_of_it_is_one_question(read):
    text = "Title;EU contribution;Budget\nOne;5;9\nTwo;6;8\n"
    [asked] = read(text).about["questions"]
    assert (asked["columns"], asked["places"]) == (["C “Budget”", "B “EU contribution”"], ["row 2", "row 3"])
    batch = read(text, {"budget_currency": {"": "GEL"}})
    documents = [document_of(item) for item in batch.items.order_by("number")]
    currencies = {(one["budget"]["currency"], one["contributions"][0]["currency"]) for one in documents}
    assert currencies == {("GEL", "GEL")}
    left_out = [document_of(item) for item in read(text, {"budget_currency": {"": ""}}).items.order_by("number")]
    assert [one["budget"] for one in left_out] == [None, None]
    [asked] = read("Title;EU contribution;Budget (USD)\nOne;5;9\n").about["questions"]
    assert asked["columns"] == ["B “EU contribution”"]


def test_sum_of_a_year_is_never_a_total(read):
    batch = read("Title;Budget (EUR)\nOne;500 000 p.a.\nTwo;EUR 40 000 per year\nThree;500k/an\n")
    assert [one["choices"] for one in batch.about["questions"]] == [
        [["500000 EUR", "500000 EUR"]], [["40000 EUR", "40000 EUR"]], [["500000 EUR", "500000 EUR"]]
    ]  # fmt: skip
    for heading in ("Budget (EUR p.a.)", "Jahresbudget (EUR)", "Budget per year (EUR)"):
        assert document_of(read(f"Title;{heading}\nOne;500\n").items.get())["budget"] is None


def test_sum_below_one_million_is_read_in_a_column_of_millions(read):
    batch = read("Title;Budget (EUR million)\nOne;0.579\nTwo;0,125\nThree;0.500\nFour;12.75\n")
    amounts = [document_of(item)["budget"]["amount"] for item in batch.items.order_by("number")]
    assert amounts == ["579000.00", "125000.00", "500000.00", "12750000.00"]


def countries(batch):
    items = batch.items.filter(kind="project").exclude(document="").order_by("number")
    return [[one["code"] for one in document_of(item)["countries"]] for item in items]


def test_country_alone_in_a_row_is_that_of_the_rows_below(read):
    batch = read(
        "List\nGéorgie\nTitle;Start;End\nOne;2014;2015\nARMENIA;;\nTitle;Start;End\nTwo;2015;2016\nRegional;;\nThree;2016;\n"
    )
    assert [one["texts"] for one in batch.about["questions"]] == [["Regional"]]
    assert countries(batch) == [["GE"], ["AM"], []]
    assert batch.items.filter(identifier="ARMENIA").count() == 0
    said = " ".join(column_mapping.read_as(batch))
    assert "Row 2 names the country of its rows: Géorgie." in said
    assert "Row 5 names the country of its rows: ARMENIA." in said
    [claim] = [one for one in document_of(batch.items.get(identifier="Two"))["claims"] if one["field"] == "countries"]
    stated = (claim["as_stated"], claim["quote"], claim["place"], claim["reading"])
    assert stated == ("ARMENIA", "ARMENIA", "row 5", "as-value")


def test_country_alone_in_a_row_is_kept_with_the_refused_rows_below(read):
    batch = read("Title;Start\nOne;2014\nMoldova;\nTwo;2015\nGeorgia;\nThree;soon\n")
    again = read(beside(batch, "refused").read_text("utf-8-sig").replace("soon", "2016"))
    assert (again.items.get().identifier, countries(again)) == ("Three", [["GE"]])


@pytest.mark.parametrize("text", ["Title;Start\nGeorgia;\nMoldova;\n", "Title;Country\nGeorgia;\nOne;MD\nTwo;AM\n"])
def test_country_may_be_a_title_where_all_rows_hold_one_cell_or_a_column_is_of_countries(read, text):
    assert [one["texts"][0] for one in read(text).about["questions"]] in (["Georgia"], [])
    assert read(text, {"": {"*": "each is a project"}}).items.filter(identifier="Georgia").exists()


def test_sheet_named_by_a_country_is_of_projects_there(chief):
    sheets = {
        "Armenia": [["One", "2014"], ["ENIGMMA", "2015"]], "Moldova": [["Two", "2014"], ["Both", "2016"]],
        "Georgia": [["Both", "2016"]], "Others": [["Three", "2014"]],
    }  # fmt: skip
    data = workbook_of([(title, [["Title", "Start"], *rows]) for title, rows in sheets.items()])
    before = [one.code for one in Project.objects.get(pk="enigmma").countries.all()]
    batch = lifecycle.upload(chief, "countries.xlsx", [data])
    lifecycle.read_again(batch, answers={"": {key_of(_SAME): _SAME[0]}})
    worker.work_now(batch.pk)
    batch.refresh_from_db()
    assert countries(batch) == [["AM"], before, ["MD"], ["GE", "MD"], []]
    assert "Sheet Armenia names the country of its rows: Armenia." in " ".join(column_mapping.read_as(batch))


def test_country_alone_in_the_column_of_countries_is_that_of_the_rows_below(read):
    batch = read("Country;Project;Start\nGEORGIA;;\n;One;2014\nArmenia;Two;2015\nMOLDOVA;;\n;Three;2016\n")
    assert (batch.about["questions"], countries(batch)) == ([], [["GE"], ["AM"], ["MD"]])


@pytest.mark.parametrize("heading", ["Country", "Partner"])
def test_country_alone_below_a_cell_of_its_column_is_asked_as_a_further_line(read, heading):
    first = "Georgia" if heading == "Country" else "IOM"
    batch = read(f"Title;{heading};Start\nOne;{first};2014\n;Moldova;\nTwo;;2015\n")
    assert [one["texts"] for one in batch.about["questions"]] == [["Moldova"]]
    assert ["MD"] not in countries(batch)


@pytest.mark.parametrize("head", ["Project;Contact;E-mail", "Project;A;B;C"])
def test_list_of_which_only_project_is_known_is_taken_for_no_list_of_projects(read, head):
    batch = read(f"{head}\nOne;x{';y' * head.count(';')}\n")
    assert "No heading row was found" in batch.about["faults"][0]["what"]


@pytest.mark.parametrize("head", ["Contractor name;Contractor", "Contractor;Contractor name"])
def test_of_two_vague_headings_the_one_without_a_further_word_counts(read, head):
    said = " ".join(column_mapping.read_as(read(f"Title;{head}\nOne;IOM;ICMPD\n")))
    assert "“Contractor” is read as “Implementer”" in said


def test_line_with_the_country_above_the_headings_is_that_of_rows_without_one(read):
    batch = read("Our list;;\nȚara: Republica Moldova;;\n(some note);;\nTitle;Start;Country\nOne;2014;\nTwo;2015;GE\n")
    assert (batch.about["questions"], countries(batch)) == ([], [["MD"], ["GE"]])
    assert "Row 2 names the country of its rows: Republica Moldova." in " ".join(column_mapping.read_as(batch))


def test_of_titles_in_two_languages_the_first_counts(read):
    batch = read("Title FR;Title EN;Summary (English)\nUn;One;It is one.\n")
    document = document_of(batch.items.get())
    assert (document["title"], document["summary"]) == ("Un", "It is one.")
    assert "“Title EN” is left out, as another column is “Title”" in " ".join(column_mapping.read_as(batch))


@pytest.mark.parametrize("text", ["EU (80%)", "EU: 80%", "EU (80%), France (20%)"])
def test_known_name_before_brackets_or_a_colon_is_offered_first(read, text):
    first, *_others = read(f'title,funder\nOne,"{text}"\n').about["questions"]
    assert first["choices"][0][0] == "european-union"
    assert first["texts"][0] == text.partition(", F")[0]


def test_total_ends_the_rows_of_a_country(read):
    batch = read("Title;Budget (EUR)\nGeorgia;\nOne;100000\nTwo;200000\nTotal;300000\nThree;400000\n")
    assert countries(batch) == [["GE"], ["GE"], []]


def test_questions_of_columns_are_asked_apart_even_with_the_same_choices():
    one = {"kind": "start_date", "is_needed": False, "choices": [("day", "day first")], "is_of_column": True}
    assert len(together([one, one])) == 2
    assert len(together([one | {"is_of_column": False}] * 2)) == 1
    assert len(together([one | {"is_of_column": False, "is_needed": needed} for needed in (True, False)])) == 2


def test_points_and_commas_of_sums_are_read_apart(read):
    text = "Title;Budget\nOne;EUR 1.250\nTwo;EUR 850,000\n"
    of_point, of_comma = read(text).about["questions"]
    assert (of_point["texts"], of_comma["texts"]) == (["EUR 1.250"], ["EUR 850,000"])
    ways = {one["key"]: one["choices"][at][0] for one, at in ((of_point, 1), (of_comma, 0))}
    documents = [document_of(item) for item in read(text, {"budget_amount": ways}).items.order_by("number")]
    assert [one["budget"]["amount"] for one in documents] == ["1.25", "850000.00"]


@pytest.mark.parametrize("state", ["Chad", "Slovenia", "შვედეთი"])
def test_funder_that_is_a_state_is_never_taken_for_another_that_sounds_like_it(read, state):
    [question] = read(f"Title;Donor\nOne;{state}\n").about["questions"]
    assert "Did you mean" not in question["what"]


def test_funder_that_is_a_state_is_found_in_any_language(read):
    batch = read("Title;Donor\nOne;Чехия\nTwo;Frankreich\nThree;საფრანგეთი\n")
    assert batch.about["questions"] == []
    assert [[key for key, _amount in each] for each in contributions(batch)] == [
        ["czech-republic"],
        ["france"],
        ["france"],
    ]
