"""What lists of projects call their columns, their totals and nothing at all, in other words than ours.

English and French, then Romanian, Russian, Ukrainian, Georgian, Armenian, Azerbaijani and German. They are compared
without case, accents, FILLERS and TIMES, in any order, in singular or plural.
"""

HEADINGS = {
    "title": "title, name, titre, intitulé, nom, project, projects, projet, projets, activity, action, full title,"
    " contract title, title of contract, intitulé complet, intitulé du contrat, titlul contractului, titlu,"
    " titlul, denumire, denumirea, название, наименование, назва, найменування, დასახელება, სახელი, სახელწოდება,"
    " անվանում, անվանումը, ad, adı, titel, projekttitel, projektname, projekt, proiect, proiectul, проект, проєкт,"
    " პროექტი, ծրագիր, layihə",
    "acronym": "acronyme, sigle, kürzel, short name, acronim, acronimul, аббревиатура, сокращение, абревіатура,"
    " აბრევიატურა, հապավում, abreviatura, abkürzung",
    "summary": "description, résumé, aim, descriere, descrierea, rezumat, описание, краткое описание, опис, აღწერა,"
    " նկարագրություն, təsvir, beschreibung",
    "country_codes": "country, pays, partner country, beneficiary country, beneficiary, pays partenaire, pays"
    " bénéficiaire, country code, recipient country, location, lieu, țara, țări, țara beneficiară, țara parteneră,"
    " страна, страны, країна, країни, ქვეყანა, ქვეყნები, երկիր, երկիրը, երկրներ, ölkə, ölkələr, land, länder",
    "partnership_slugs": "partnership, partenariat, parteneriat, партнерство, პარტნიორობა, partnerschaft",
    "theme_slugs": "theme, thème, topic, tema, domeniu, domeniul, тема, თემა, թեմա, mövzu, thema",
    "status": "statut, état, statutul, stare, starea, stadiu, stadiul, статус, состояние, стан, სტატუსი, կարգավիճակ,"
    " stand",
    "start_date": "start, begin, beginning, from, since, début, starting, commencing, démarrage, lancement, du,"
    " commencement, începerii, începere, început, începutul, начало, начала, початок, початку, დაწყება, დაწყების,"
    " սկիզբ, սկսման, սկզբի, başlama, başlanğıc, beginn, de la, von, с",
    "end_date": "end, until, till, to, ending, fin, completion, closing, achèvement, clôture, finish, au, finalizării,"
    " finalizare, încheierii, încheiere, sfârșit, sfârșitul, sfârșitului, окончание, окончания, завершение,"
    " завершения, конец, кінець, завершення, закінчення, დასრულება, დასრულების, ավարտ, ավարտի, bitmə, son, ende,"
    " până la, bis, по",
    "budget_amount": "budget, amount, montant, total budget, total amount, total cost, cost, costs, coût total, coût,"
    " montant total, buget, bugetul, buget total, bugetul total, suma, valoare, valoarea, valoare totală, valoarea"
    " totală, cost total, costul total, suma totală, бюджет, общий бюджет, сумма, общая сумма, общая стоимость,"
    " стоимость, загальний бюджет, сума, вартість, ბიუჯეტი, თანხა, ჯამური ბიუჯეტი, სრული ბიუჯეტი, բյուջե, գումար,"
    " büdcə, məbləğ, betrag, gesamtbudget, value, contract value, grant amount, montant de la subvention",
    "budget_currency": "currency, curr, devise, monnaie, valuta, moneda, валюта, ვალუტა, արժույթ, valyuta, währung",
    "instrument_codes": "instrument, funding instrument, instrument de financement, financing instrument, instrument"
    " financier, instrument de finanțare, instrumentul, instrumentul de finanțare, инструмент, инструмент"
    " финансирования, інструмент, ინსტრუმენტი, գործիք, alət, finanzierungsinstrument, fund, fonds",
    "funder_slugs": "funder, donor, bailleur, bailleur de fonds, financeur, source of funding, source de"
    " financement, sursa de finanțare, funded by, financé par, donator, donatorul, finanțator, finanțatorul,"
    " finanțat de, донор, источник финансирования, джерело фінансування, დონორი, դոնոր, geldgeber",
    "funder_amount": "contribution, contribution amount, donor contribution, funder amount, funding amount, funder"
    " contribution, donor amount",
    "funder_currency": "contribution currency, donor currency, grant currency, funding currency",
    "lead_slugs": "lead, lead organisation, lead agency, lead partner, led by, leading organisation, leading agency,"
    " chef de file, coordinator, coordinateur, lider, liderul, coordonator, coordonatorul, partener principal,"
    " instituția responsabilă, organizația lider, руководитель, координатор, ведущая организация, керівник, провідна"
    " організація, კოორდინატორი, համակարգող, koordinator, federführung",
    "implementer_slugs": "implementer, implementing partner, implementing agency, implementing organisation,"
    " implementing body, implementing entity, executing agency, implemented by, organisme d'exécution, partenaire"
    " d'exécution, partenaire de mise en œuvre, agence de mise en œuvre, organisme de mise en œuvre, mis en œuvre"
    " par, agence d'exécution, implementator, implementatorul, partener de implementare, organizația de"
    " implementare, implementat de, исполнитель, организация исполнитель, исполняющая организация, виконавець,"
    " განმახორციელებელი, იმპლემენტატორი, իրականացնող, icraçı, durchführung, durchführungsorganisation,"
    " durchführer, grantee",
    "partner_slugs": "partner, partenaire, partener, parteneri, partenerii, партнер, партнеры, партнери, პარტნიორი,"
    " პარტნიორები, գործընկեր, գործընկերներ, tərəfdaş, co applicant",
    "components": "composante, component, componente, компонент, компоненты, компоненти, კომპონენტი, komponent",
    "objectives": "objectif, objective, obiectiv, obiective, obiectivul, цель, цели, мета, цілі, მიზანი, նպատակ,"
    " məqsəd, ziel, ziele",
    "identifier": "identifier, iati identifier, identifiant, reference, référence, ref, contract number, contract,"
    " numéro de contrat, id, referință, numărul contractului, номер договора, номер контракта, идентификатор, номер"
    " договору, ідентифікатор, იდენტიფიკატორი, vertragsnummer",
    "period": "period, duration, durée, durata, timeframe, timeline, dates, implementation period, start end, start"
    " and end, période, période de mise en œuvre, période d'exécution, perioada, perioada de implementare, период,"
    " период реализации, сроки, срок, сроки реализации, срок реализации, період, період реалізації, термін реалізації,"
    " პერიოდი, განხორციელების პერიოდი, ժամանակահատված, zeitraum, laufzeit",
    # left out, though like one of ours
    "": "quote, quotation, as stated, citation, source, no, number, numéro, comment, note, remark, observation,"
    " commentaire, remarque, nr, nr crt, observații, comentariu, comentarii, примечание, примечания, комментарий,"
    " комментарии, номер, примітка, примітки, შენიშვნა, ծանոթություն, qeyd, bemerkung",
}
OF_EU = (  # an amount that the European Union pays
    "eu contribution, eu grant, eu funding, eu amount, european union contribution, eu contribution amount,"
    " contribution ue, contribution de l'union européenne, contribution de l'ue, contribuția ue, вклад ес, внесок єс"
)
DOUBTFUL = "beneficiary, location, lieu"  # headings whose columns are looked at: people are no countries
FILLERS = (  # words without meaning of their own
    "actual effective réel réelle project projet activity action of the du de la le d l proiect proiectului проект"
    " проекта проєкт проєкту проекту пројекта პროექტი პროექტის ծրագիր ծրագրի նախագծի layihə layihənin projekt"
)
TIMES = "date period periode year data дата თარიღი ամսաթիվ tarixi datum"  # without meaning beside the start or end
PLANNED = (  # a date or sum that was only planned is not that which is known: its column is left to a person
    "planned expected foreseen provisional prévu prévue prévisionnel prévisionnelle planificat planificată estimat"
    " estimată планируемый планируемая плановая планова запланована geplant geplanter geplantes"
)
TOTALS = (
    "total totals totaux sum somme totalul итого всего разом усього всього сумма სულ ჯამი ընդամենը cəmi yekun gesamt"
    " insgesamt summe totaal gesamtsumme zwischensumme suma cumul average moyenne"
)
NOTES = (  # how a note below a table begins
    "source sources note notes nb n.b remark remarks legend disclaimer updated sursa nota notă surse observație"
    " remarque remarques légende источник источники примечание примечания джерело джерела примітка примітки წყარო"
    " შენიშვნა աղբյուր ծանոթություն mənbə qeyd quelle quellen anmerkung hinweis"
)
OPEN = (  # ends of periods that have none
    "ongoing, present, now, today, to date, en cours, à ce jour, în curs, prezent, настоящее время, н.в., нині"
)
NOTHING = (
    "n/a, n.a., n.d., n/d, k.a., keine, nihil, not available, s.o., ?, ??, p.m., pm, tbc, tbd, tba, sans objet, not"
    " applicable, non applicable, néant, none, nil, unknown, inconnu, not known, non connu, not stated, non indiqué,"
    " to be confirmed, to be determined, à confirmer, à déterminer, de confirmat, necunoscut, nu se aplică, нет, нет"
    " данных, н/д, неизвестно, уточняется, немає, невідомо, უცნობია"
)
