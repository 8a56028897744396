"""Names of records in other languages: ``OIM`` for IOM, ``IEV`` for ENI, ``ЕС`` for the European Union."""

from functools import lru_cache

from django.conf import settings
from django.utils.translation import gettext, override, pgettext

from .folding import fold

_OFFICIAL = (  # how organisations call themselves: in English, then in the languages of their partners and in German
    "European Union, EU, Union européenne, UE, Uniunea Europeană, Европейский союз, ЕС, Європейський Союз, ЄС,"
    " ევროკავშირი, Եվրոպական միություն, ԵՄ, Avropa İttifaqı, Aİ, Europäische Union",
    "International Organization for Migration, IOM, Organisation internationale pour les migrations, OIM, Organizația"
    " Internațională pentru Migrație, Международная организация по миграции, МОМ, Міжнародна організація з міграції,"
    " მიგრაციის საერთაშორისო ორგანიზაცია, Միգրացիայի միջազգային կազմակերպություն, ՄՄԿ, Beynəlxalq Miqrasiya Təşkilatı,"
    " BMqT, Internationale Organisation für Migration",
    "International Centre for Migration Policy Development, ICMPD, Centre international pour le développement des"
    " politiques migratoires, CIDPM, Международный центр по развитию миграционной политики, МЦРМП, Міжнародний центр з"
    " розвитку міграційної політики, მიგრაციის პოლიტიკის განვითარების საერთაშორისო ცენტრი, Internationales Zentrum für"
    " Migrationspolitikentwicklung",
    "United Nations High Commissioner for Refugees, UNHCR, Haut-Commissariat des Nations unies pour les réfugiés, HCR,"
    " Înaltul Comisariat al Națiunilor Unite pentru Refugiați, Управление Верховного комиссара ООН по делам беженцев,"
    " УВКБ ООН, Управління Верховного комісара ООН у справах біженців, გაეროს ლტოლვილთა უმაღლესი კომისარიატი",
    "United Nations Development Programme, UNDP, Programme des Nations unies pour le développement, PNUD, Programul"
    " Națiunilor Unite pentru Dezvoltare, Программа развития ООН, ПРООН, Програма розвитку ООН, გაეროს განვითარების"
    " პროგრამა, ՄԱԶԾ, Entwicklungsprogramm der Vereinten Nationen",
)
_OF_ONE = {fold(name): set(names) for names in (line.split(", ") for line in _OFFICIAL) for name in names[:2]}
_CONTEXTS = ("abbreviation", "instrument", "partnership", "organisation")  # of the messages that are names


@lru_cache(10_000)
def other_names(name):
    """Return the names in other languages of a name, an abbreviation or a code, as far as the register knows them."""
    names = set(_OF_ONE.get(fold(name), ()))
    for language, _own_name in settings.LANGUAGES:
        with override(language):
            names |= {gettext(name), *(pgettext(context, name) for context in _CONTEXTS)}
    return tuple(sorted(names - {name}))
