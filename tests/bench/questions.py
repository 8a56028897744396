"""What is asked: each question once, so that no answer is one that was kept. Always the same for the same register."""

from itertools import combinations, product
from random import Random
from urllib.parse import urlencode

LIST, PAGES, STATS = "/api/v1/projects/", "/projects/", "/api/v1/stats/"
SIZE = 25  # rows a page
DEEP = 10_001  # a page that few readers come to
NOWHERE = "zzqx"  # occurs in no sample project
FILTERS = {  # of pages, as readers set them
    "no filter": {},
    "two countries": {"country": ["MD", "GE"]},
    "a country, a theme, by budget": {"country": "UA", "theme": "border-management", "sort": "-budget"},
    "an instrument, active 2012–2014": {"instrument": "ENI", "active_from": "2012", "active_to": "2014"},
    "a word, a total, a role": {"q": "border", "amount_min": "1000000", "not_stated": "implementer"},
    "a word that is nowhere": {"q": NOWHERE},
}


class Questions:
    """Draws questions from what there is in a register: keys, countries, themes, and words of titles."""

    def __init__(self, keys, countries, themes, titles):
        self.random = Random(12)
        self.keys = self._shuffled(keys)
        self.words = sorted({word.lower() for title in titles for word in title.split() if word.isalpha()})
        self._wide = iter(self._shuffled(combinations(countries, 7)))
        self._narrow = iter(self._shuffled(product(combinations(countries, 2), themes)))

    def _shuffled(self, values):
        values = list(values)
        self.random.shuffle(values)
        return values

    def narrow(self):
        """Return a filter: two countries and a theme."""
        countries, theme = next(self._narrow)
        return {"country": countries, "theme": theme}

    def wide(self):
        """Return a filter: any of seven countries, which are most projects."""
        return {"country": next(self._wide)}

    def searches(self, number=12):
        """Return words of two letters and more, beginnings of words, and one that is nowhere."""
        drawn = self.random.sample([word for word in self.words if len(word) > 3], number - 4)
        half = len(drawn) // 2
        return ["in", "an", "migration", NOWHERE, *drawn[:half], *(word[:2] for word in drawn[half:])]


def address(path, asked, **more):
    """Return ``path`` with a query string; a list is a parameter that is given more than once."""
    return f"{path}?{urlencode(asked | more, doseq=True)}"


def list_page(asked, page=1, page_size=SIZE, **more):
    """Return the address of a page of the API's list."""
    return address(LIST, asked, page=page, page_size=page_size, **more)
