"""What lists of projects call their columns, their totals and nothing at all, in other words than ours.

English and French, then Romanian, Russian, Ukrainian, Georgian, Armenian, Azerbaijani and German. They are compared
without case, accents, endings, FILLERS and TIMES, in any order; with words BESIDE them, their cells have to fit, too.
"""

HEADINGS = {
    "title": "title, name, titre, intitulé, nom, project, projects, projet, projets, activity, action, full title,"
    " contract title, intitulé complet, intitulé du contrat, denumire, название, наименование, назва, найменування,"
    " დასახელება, სახელი, სახელწოდება, անվանում, անվանումը, ad, adı, titel, projekt, proiect, proiectul, проект,"
    " проєкт, პროექტი, ծրագիր, layihə, libellé",
    "acronym": "acronyme, sigle, kürzel, short name, acronim, аббревиатура, сокращение, абревіатура, აბრევიატურა,"
    " հապավում, abreviatura, abkürzung, акроним",
    "summary": "description, résumé, aim, descriere, rezumat, описание, краткое описание, опис, აღწერა,"
    " նկարագրություն, təsvir, beschreibung",
    "country_codes": "country, pays, beneficiary, country code, location, lieu, țara, țări, страна, країна, ქვეყანა,"
    " ქვეყნები, երկիր, երկիրը, երկրներ, ölkə, ölkələr, land, länder, бенефициар, бенефіціар",
    "partnership_slugs": "partnership, partenariat, parteneriat, партнерство, პარტნიორობა, partnerschaft",
    "theme_slugs": "theme, topic, tema, domeniu, domeniul, тема, თემა, թեմա, mövzu",
    "status": "statut, état, stare, stadiu, stadiul, статус, состояние, стан, სტატუსი, կարգավիճակ, stand, стадия,"
    " advancement",
    "start_date": "start, begin, beginning, from, since, début, starting, commencing, démarrage, lancement, du,"
    " commencement, începerii, început, начало, початок, початку, დაწყება, დაწყების, սկիզբ, սկսման, սկզբի, başlama,"
    " başlanğıc, beginn, de la, von, с",
    "end_date": "end, ende, until, till, to, ending, fin, completion, closing, achèvement, clôture, finish, au,"
    " finalizării, încheierii, sfârșit, окончание, завершение, конец, кінець, завершення, закінчення, დასრულება,"
    " დასრულების, ավարտ, ավարտի, bitmə, son, până la, bis, по",
    "budget_amount": "budget, amount, montant, total budget, total amount, total cost, cost, coût total, coût,"
    " montant total, buget, buget total, suma, valoare, valoare totală, suma totală, бюджет, общий бюджет, сумма,"
    " общая сумма, общая стоимость, стоимость, загальний бюджет, сума, вартість, ბიუჯეტი, თანხა, ჯამური ბიუჯეტი, სრული"
    " ბიუჯეტი, բյուջե, գումար, büdcə, məbləğ, betrag, gesamtbudget, value, contract value, grant amount, montant de la"
    " subvention, grant, envelope, enveloppe, kosten, summe, bütçe",
    "budget_currency": "currency, curr, devise, monnaie, valuta, moneda, валюта, ვალუტა, արժույթ, valyuta, währung",
    "instrument_codes": "instrument, funding instrument, instrument de financement, financing instrument, instrument"
    " financier, instrument de finanțare, инструмент, инструмент финансирования, інструмент, ინსტრუმენტი, գործիք,"
    " alət, finanzierungsinstrument, fund, fonds",
    "funder_slugs": "funder, donor, bailleur, bailleur de fonds, financeur, source of funding, source de financement,"
    " sursa de finanțare, funded by, financé par, donator, finanțator, finanțat de, донор, источник финансирования,"
    " джерело фінансування, დონორი, դոնոր, geldgeber, financer, donateur, zuwendungsgeber, geber, финансирующая,"
    " source of funds, джерело коштів",
    "funder_amount": "contribution, contribution amount, donor contribution, funder amount, funding amount, funder"
    " contribution, donor amount",
    "funder_currency": "contribution currency, donor currency, grant currency, funding currency",
    "lead_slugs": "lead, led by, leading, chef de file, coordinator,"
    " coordinateur, lider, coordonator, partener principal, instituția responsabilă, руководитель, координатор,"
    " ведущая организация, керівник, провідна організація, კოორდინატორი, համակարգող, koordinator, federführung",
    "implementer_slugs": "implementer, implementing, executing, implemented by, organisme d'exécution, partenaire"
    " d'exécution, partenaire de mise en œuvre, agence de mise en œuvre, organisme de mise en œuvre, mis en œuvre par,"
    " agence d'exécution, implementator, partener de implementare, organizația de implementare, implementat de,"
    " исполнитель, исполняющая организация, виконавець, განმახორციელებელი, იმპლემენტატორი, իրականացնող, icraçı,"
    " durchführung, durchführer, grantee, contractor, реализующая, виконавча, implementatoare, executor, träger,"
    " icraçı təşkilat",
    "partner_slugs": "partner, partenaire, partener, партнер, პარტნიორი, პარტნიორები, գործընկեր, գործընկերներ,"
    " tərəfdaş, co applicant",
    "components": "composante, component, компонент, კომპონენტი, komponent",
    "objectives": "objectif, objective, obiectiv, цель, цели, мета, цілі, მიზანი, նպատակ, məqsəd, ziel",
    "identifier": "identifier, iati identifier, identifiant, reference, ref, contract, numéro de contrat, id,"
    " referință, numărul contractului, номер договора, номер контракта, идентификатор, ідентифікатор, იდენტიფიკატორი,"
    " vertragsnummer",
    "organisation_slugs": "organisation, organization, participant, organizația, организация, організація, təşkilat",
    "organisation_role": "role, organisation role, organization role, rôle, rol, rolul, роль, როლი, դեր, rolle",
    "period": "period, duration, durée, durata, timeframe, timeline, dates, implementation, mise en œuvre, start end,"
    " start and end, période, période de mise en œuvre, période d'exécution, perioada, период, сроки, період, термін"
    " реалізації, პერიოდი, განხორციელების პერიოდი, ժամանակահատված, zeitraum, laufzeit, müddət",
    # left out, though like one of ours
    "": "quote, quotation, as stated, citation, source, no, number, numéro, comment, note, remark, observation,"
    " commentaire, remarque, nr, nr crt, observații, comentariu, примечание, комментарий, номер, примітка, შენიშვნა,"
    " ծանոթություն, qeyd, bemerkung",
}
BESIDE = {  # what adds nothing beside a word with that meaning: “target country”, “start of implementation”
    "country_codes": "target covered concerned concerné partner partenaire beneficiary recipient bénéficiaire parteneră"
    " beneficiară implementation intervention реализации партнер партнерская реалізації",
    "start_date end_date period": "period période implementation implementing contract execution exécution mise œuvre"
    " en implementării contractului реализации контракта договора выполнения реалізації договору виконання vertrag"
    " durchführung",
    "budget_amount funder_amount": "total overall estimated max maximum contracted contract gesamt förder vertrag",
    "lead_slugs implementer_slugs partner_slugs funder_slugs": "organisation organization agency body entity partner"
    " institution other organizația instituția agenția организация учреждение організація установа",
    "status": "implementation current avancement",
    "objectives": "overall specific general main général généraux spécifique principal",
    "identifier": "number no nr code",
}
OF_EU = (  # an amount that the European Union pays
    "eu contribution, eu grant, eu funding, eu amount, european union contribution, eu contribution amount,"
    " contribution ue, contribution de l'union européenne, contribution de l'ue, contribuția ue, вклад ес, внесок єс"
)
DOUBTFUL = "beneficiary, location, lieu, grant, sector"  # headings of columns that are looked at: people, no countries
FILLERS = (  # words without meaning of their own
    "actual effective réel réelle project projet activity action of the du de la le d l proiect proiectului проект"
    " проекта проєкт проєкту проекту пројекта პროექტი პროექტის ծրագիր ծրագրի նախագծի layihə layihənin projekt"
)
TIMES = (  # without meaning beside the start or end
    "date year data дата თარიღი ամսաթիվ tarixi datum année anul год рік jahr"
)
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
DITTO = "″ \" ” 〃 // '' ,, idem ditto do same"  # in a cell that means the same as the one above
TRUE = "true yes y 1 x o vrai oui da adevărat да истина так істина ja wahr"  # flags
FALSE = "false no n 0 faux non nu fals нет ложь ні хибність nein falsch"
OPEN = (  # ends of periods that have none
    "ongoing, present, now, today, to date, en cours, à ce jour, în curs, prezent, настоящее время, н.в., нині"
)
NOTHING = (
    "n/a, n.a., n.d., n/d, k.a., keine, nihil, not available, s.o., ?, ??, p.m., pm, tbc, tbd, tba, sans objet, not"
    " applicable, non applicable, néant, none, nil, unknown, inconnu, not known, non connu, not stated, non indiqué,"
    " to be confirmed, to be determined, à confirmer, à déterminer, de confirmat, necunoscut, nu se aplică, нет, нет"
    " данных, н/д, неизвестно, уточняется, немає, невідомо, უცნობია"
)
