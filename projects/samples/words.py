"""The words of sample records. They state no facts."""

SOURCE = ("sample-source", "Invented for trying the register out")
COUNTRIES = ["AM", "AZ", "BY", "GE", "KG", "KZ", "MD", "RU", "TJ", "TM", "TR", "UA", "UZ"]
MEMBER_STATES = {  # with their own names for themselves
    "AT": "Österreich", "BE": "België", "BG": "България", "CY": "Κύπρος", "CZ": "Česko", "DE": "Deutschland",
    "DK": "Danmark", "EE": "Eesti", "ES": "España", "FI": "Suomi", "FR": "France", "GR": "Ελλάδα", "HR": "Hrvatska",
    "HU": "Magyarország", "IE": "Éire", "IT": "Italia", "LT": "Lietuva", "LU": "Lëtzebuerg", "LV": "Latvija",
    "MT": "Malta", "NL": "Nederland", "PL": "Polska", "PT": "Portugal", "RO": "România", "SE": "Sverige",
    "SI": "Slovenija", "SK": "Slovensko",
}  # fmt: skip
PARTNERSHIPS = {  # countries by kind
    "mobility-partnership": ["AM", "AZ", "BY", "GE", "MD"],
    "visa-facilitation-agreement": ["AM", "AZ", "BY", "GE", "MD", "RU", "UA"],
    "readmission-agreement": ["AM", "AZ", "BY", "GE", "MD", "RU", "TR", "UA"],
    "visa-liberalisation-action-plan": ["GE", "MD", "UA"],
}
INSTRUMENTS = [  # code, name, kind, is former, predecessor
    ("TACIS", "Technical Assistance to the Commonwealth of Independent States", "eu", True, None),
    ("ENPI", "European Neighbourhood and Partnership Instrument", "eu", True, "TACIS"),
    ("ENI", "European Neighbourhood Instrument", "eu", False, "ENPI"),
    ("TPMA", "Thematic Programme on Migration and Asylum", "eu", True, None),
    ("GPGC", "Global Public Goods and Challenges", "eu", False, "TPMA"),
    ("AMIF", "Asylum, Migration and Integration Fund", "eu", False, None),
    ("ISF", "Internal Security Fund", "eu", False, None),
    ("DCI", "Development Cooperation Instrument", "eu", True, None),
    ("EIDHR", "European Instrument for Democracy and Human Rights", "eu", False, None),
    ("ICSP", "Instrument contributing to Stability and Peace", "eu", False, None),
    ("IPA", "Instrument for Pre-accession Assistance", "eu", False, None),
    ("BILATERAL", "Bilateral assistance of EU Member States", "member-state", False, None),
    ("NATIONAL", "Partner countries’ own sources", "partner-country", False, None),
]
INTERNATIONAL = [  # slug, name, short name, kind, aliases
    ("european-union", "European Union", "EU", "40", ["Union européenne", "Europäische Union", "Європейський Союз"]),
    ("icmpd", "International Centre for Migration Policy Development", "ICMPD", "40", []),
    ("iom", "International Organization for Migration", "IOM", "40", ["OIM", "МОМ", "მიგრაციის ორგანიზაცია"]),
    ("unhcr", "United Nations High Commissioner for Refugees", "UNHCR", "40", ["HCR", "УВКБ ООН", "ՄԱԿ ՓԳՀ"]),
    ("ilo", "International Labour Organization", "ILO", "40", ["OIT", "МОТ", "منظمة العمل الدولية"]),
    ("undp", "United Nations Development Programme", "UNDP", "40", ["PNUD", "ПРООН"]),
    ("osce", "Organization for Security and Co-operation in Europe", "OSCE", "40", ["OSZE", "ОБСЕ"]),
    ("frontex", "European Border and Coast Guard Agency", "Frontex", "15", []),
    ("european-training-foundation", "European Training Foundation", "ETF", "15", []),
    ("danish-refugee-council", "Danish Refugee Council", "DRC", "22", ["Dansk Flygtningehjælp"]),
    ("people-in-need", "People in Need", "PIN", "22", ["Člověk v tísni"]),
    ("giz", "Deutsche Gesellschaft für Internationale Zusammenarbeit", "GIZ", "10", []),
    ("expertise-france", "Expertise France", "", "10", []),
    ("swedish-public-employment-service", "Swedish Public Employment Service", "PES", "10", ["Arbetsförmedlingen"]),
    ("caritas", "Caritas Internationalis", "", "21", ["Κάριτας", "كاريتاس"]),
]  # fmt: skip
_INTERIOR = {
    "AM": "Ներքին գործերի նախարարություն", "AZ": "Daxili İşlər Nazirliyi", "BY": "Міністэрства ўнутраных спраў",
    "GE": "შინაგან საქმეთა სამინისტრო", "KZ": "Ішкі істер министрлігі", "MD": "Ministerul Afacerilor Interne",
    "RU": "Министерство внутренних дел", "TR": "İçişleri Bakanlığı", "UA": "Міністерство внутрішніх справ",
}  # fmt: skip
BODIES = [  # name, short name, kind, its name in the country's language
    ("Ministry of Internal Affairs", "MIA", "10", _INTERIOR),
    ("Ministry of Foreign Affairs", "MFA", "10", {}),
    ("Ministry of Justice", "MoJ", "10", {}),
    ("Ministry of Labour and Social Protection", "MLSP", "10", {}),
    ("State Migration Service", "SMS", "10", {"AZ": "Dövlət Miqrasiya Xidməti", "UA": "Державна міграційна служба"}),
    ("Border Police", "", "10", {"MD": "Poliția de Frontieră", "GE": "სასაზღვრო პოლიცია"}),
    ("State Customs Service", "SCS", "10", {}),
    ("National Employment Agency", "NEA", "15", {}),
    ("Bureau of Statistics", "BoS", "15", {}),
    ("Ombudsman's Office", "", "15", {}),
    ("Red Cross and Red Crescent Society", "", "24", {}),
    ("State University", "SU", "80", {}),
]
THEMES = [
    ("asylum", "Asylum and international protection"),
    ("border-management", "Border management"),
    ("data", "Data and statistics"),
    ("diaspora", "Diaspora and development"),
    ("document-security", "Document security"),
    ("labour-mobility", "Labour mobility"),
    ("legal-migration", "Legal migration"),
    ("readmission-and-return", "Readmission and return"),
    ("reintegration", "Reintegration of returned migrants"),
    ("trafficking", "Trafficking in human beings"),
    ("visa", "Visa policy"),
]

ACTIONS = [
    "Support to", "Strengthening", "Building capacity for", "Technical assistance for", "Joint action on",
    "Reform of", "Cross-border work on", "Training and equipment for", "A targeted initiative for",
]  # fmt: skip
SUBJECTS = [  # theme, words
    ("asylum", "the asylum system"),
    ("asylum", "the reception of refugees"),
    ("border-management", "integrated border management"),
    ("border-management", "border crossing points"),
    ("data", "migration statistics"),
    ("diaspora", "the work with the diaspora"),
    ("document-security", "biometric documents"),
    ("labour-mobility", "circular labour mobility"),
    ("labour-mobility", "the recognition of qualifications"),
    ("legal-migration", "legal migration"),
    ("readmission-and-return", "voluntary return"),
    ("readmission-and-return", "readmission case management"),
    ("reintegration", "the reintegration of returned migrants"),
    ("trafficking", "the fight against trafficking in human beings"),
    ("visa", "the visa dialogue"),
]
ENDINGS = [*[""] * 10, *[" II", " III", " (pilot)", ": a first step"] * 2, " – new début", " «Надія»", " (გზა)"]
AIMS = [
    "to bring procedures closer to European standards",
    "to train officers at the border and in the capitals",
    "to inform people of legal ways to work abroad",
    "to help those who return to find work and housing",
    "to share data between the authorities in good time",
    "to protect victims of trafficking, children above all",
    "to make travel documents harder to forge",
    "to let skills that were learnt abroad count at home",
    "to shorten waiting times at the border",
    "to draw up a migration profile and keep it up to date",
    "to bring municipalities and civil society into the work",
]
PARTS = [
    "migration policy", "capacity building", "labour migration", "information campaigns", "return and reintegration",
    "border equipment", "data exchange", "study visits", "legal advice",
]  # fmt: skip
STATUS_SENTENCES = {
    "planned": "The project is {} and its start is being prepared.",
    "ongoing": "The project is {}.",
    "completed": "The project is {}.",
}
ROLES = {"lead": "led by", "implementer": "implemented by", "partner": "in partnership with"}
CURRENCIES = ["EUR", "EUR", "EUR", "EUR", "EUR", "EUR", "USD", "CHF", "SEK", "CZK", "GBP", "DKK"]
