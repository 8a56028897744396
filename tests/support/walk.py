"""A walk over the whole site from its first page, as a crawler makes it: every link, every part of a page led to.

Lists can be narrowed in more ways than anybody could walk: of query strings with the same parameters on the same kind
of page a few stand for all. Addresses without a query string are all walked.
"""

from collections import Counter
from dataclasses import dataclass, field
from urllib.parse import parse_qsl, unquote, urljoin, urlsplit

from django.urls import Resolver404, resolve
from lxml import etree, html

SITE = "http://testserver"
LIKE_EACH_OTHER = {1: 3, 2: 1}  # number of parameters: how many query strings with the same ones are walked
OF_HTML = ".//@href | .//@src | .//@action | .//@data-hx-get"
OF_XML = ".//@href | .//*[local-name() = 'loc']/text()"


@dataclass
class Walk:
    """What a walk found: HTML and statuses by address, links as (from, address, fragment), links to elsewhere."""

    pages: dict = field(default_factory=dict)
    statuses: dict = field(default_factory=dict)
    links: list = field(default_factory=list)
    outside: set = field(default_factory=set)

    def faults(self):
        """Yield a line for each link that leads nowhere, to a part that is not there, or round a corner.

        ``/data/latest/`` leads on, and a feed to what says that a project was withdrawn: both are meant.
        """
        ids = {address: set(html.fromstring(page).xpath("//@id")) for address, page in self.pages.items()}
        for origin, address, fragment in self.links:
            status = self.statuses.get(address, 200)
            if is_same_page(origin, address):  # which may be an error that says so in another language
                status = 200
            is_meant = (status == 302 and address.startswith("/data/latest/")) or (status == 410 and ".atom" in origin)
            if status != 200 and not is_meant:
                yield f"{origin}: {address} is {status}"
            elif fragment and address in ids and unquote(fragment) not in ids[address]:
                yield f"{origin}: {address} has no part #{fragment}"


def walked(client, *begin, languages=("", "fr")):
    """Return the Walk that begins at the addresses ``begin``; an answer of theirs may be an error.

    ``languages``: which are walked; what ``/en/`` answers is English as without it.
    """
    walk, waiting, alike = Walk(), list(begin), Counter()
    seen = set(begin)
    while waiting:
        address = waiting.pop()
        response = client.get(address)
        walk.statuses[address] = response.status_code
        text = response.getvalue()
        for link in links_of(response, text):
            target = urlsplit(urljoin(SITE + address, link.strip()))
            if f"{target.scheme}://{target.netloc}" != SITE:
                walk.outside.add(link)
                continue
            path = target.path + (f"?{target.query}" if target.query else "")
            walk.links.append((address, path, target.fragment))
            if path not in seen and not path.startswith("/static/") and is_walked(path, alike, languages):
                seen.add(path)
                waiting.append(path)
        if text and response.headers["Content-Type"].startswith("text/html"):
            walk.pages[address] = text.decode()
    return walk


def links_of(response, text):
    """Return the links of a page, a feed or a site map; other files have none."""
    media_type = response.headers.get("Content-Type", "").partition(";")[0] if text else ""
    if media_type == "text/html":
        return html.fromstring(text.decode()).xpath(OF_HTML)
    if media_type.endswith("xml") and not media_type.startswith("image/"):
        return etree.fromstring(text).xpath(OF_XML)
    return []


def is_walked(address, alike, languages):
    """Whether an address is to be asked for: one with a query string only if few like it were."""
    parts = urlsplit(address)
    language, path = language_of(parts.path)
    if language not in languages or not parts.query:
        return language in languages
    names = {name for name, _ in parse_qsl(parts.query)}
    is_file = "." in path.rpartition("/")[2]
    if len(names) > (1 if is_file else max(LIKE_EACH_OTHER)):
        return False
    try:
        kind = resolve(path).route
    except Resolver404:
        return True
    alike[language, kind, *sorted(names)] += 1
    return alike[language, kind, *sorted(names)] <= LIKE_EACH_OTHER[len(names)]


def is_same_page(origin, address):
    return language_of(origin)[1] == language_of(address)[1]


def language_of(path):
    """Return (the language that an address begins with, the rest of it)."""
    return (path[1:3], path[3:]) if path.startswith(("/en/", "/fr/")) else ("", path)
