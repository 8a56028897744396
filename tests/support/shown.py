"""What pages, files and the API show, read back as a reader or a program does."""

import csv
import io
import json
import re
from html import unescape
from urllib.parse import parse_qs, urlsplit

from lxml import etree, html

ATOM = {"a": "http://www.w3.org/2005/Atom"}
_SUM = re.compile(r"([A-Z]{3}) ([\d,.]+) [^(;]*\(known for (?:([\d,]+) of|all ([\d,]+)|(both)|1 project)")
_NOT_ADDED = re.compile(r"not added: ([\d,]+) sub-project")


def asked_for(client, address, **options):
    """Return the answer of an address, whole. AssertionError if it is not 200."""
    response = client.get(address, **options)
    body = response.getvalue()
    assert response.status_code == 200, (address, response.status_code, body[:500])
    return body


def in_single_spaces(response):
    """Return the HTML of an answer with single spaces."""
    return " ".join(response.content.decode().split())


def text_of(client, address, status=200):
    """Return the HTML of an address with single spaces. AssertionError if it has another status."""
    response = client.get(address)
    assert response.status_code == status, (address, response.status_code)
    return in_single_spaces(response)


def words_at(client, address, status=200):
    """Return the words of a page, without markup, with single spaces. AssertionError if it has another status."""
    return " ".join(re.sub("<[^>]+>", " ", unescape(text_of(client, address, status))).split())


def documents(client, collection):
    """Return the documents of all published records of a kind."""
    if collection == "projects":
        return [json.loads(line) for line in asked_for(client, "/projects.ndjson").splitlines()]
    return json.loads(asked_for(client, f"/{collection}.json"))["results"]


def counts(client, collection):
    """Return ``{key: project_count}`` of the records of a kind, as the API counts."""
    address, numbers = f"/api/v1/{collection}/?page_size=100", {}
    while address:
        listed = json.loads(asked_for(client, address))
        numbers |= {each.get("code") or each["slug"]: each["project_count"] for each in listed["results"]}
        address = listed["next"]
    return numbers


def cells(client, query):
    """Return the rows of the CSV file."""
    text = asked_for(client, f"/projects.csv?{query}").decode("utf-8-sig")
    return list(csv.DictReader(io.StringIO(text, newline="")))


def walked(client, query, size):
    """Return the slugs that a walk by cursor meets, forwards and then, by ``previous``, backwards page by page."""
    address, pages, back = f"/api/v1/projects/?{query}&page_size={size}&cursor=", [], []
    while address:
        page = json.loads(asked_for(client, address))
        pages.append([project["slug"] for project in page["results"]])
        address, last = page["next"], page
    address = last["previous"]
    while address:
        page = json.loads(asked_for(client, address))
        back.append([project["slug"] for project in page["results"]])
        address = page["previous"]
    return pages, back[::-1]


def told_by_feed(client, query):
    """Return ``{category: slugs}`` of the whole feed."""
    address, slugs = f"/projects.atom?{query}&page_size=100", {}
    while address:
        feed = etree.fromstring(asked_for(client, address))
        for entry in feed.iterfind("a:entry", ATOM):
            category = entry.find("a:category", ATOM).get("term")
            slug = urlsplit(entry.find("a:link", ATOM).get("href")).path.split("/")[2]
            slugs.setdefault(category, set()).add(slug)
        following = [link.get("href") for link in feed.iterfind("a:link", ATOM) if link.get("rel") == "next"]
        address = following[0] if following else None
    return slugs


def in_iati(client, query):
    """Return the slugs of the IATI file, those that it says it leaves out among them; None where there is no file."""
    response = client.get(f"/projects.xml?{query}")
    if response.status_code == 404:
        return None
    matches = re.findall(
        r"<iati-identifier>XE-EXAMPLE-EAPFUNDING-([^<]+)</|<!-- Left out: (\S+) \(", b"".join(response).decode()
    )
    return [held or left_out for held, left_out in matches]


class ShownPage:
    """A page that tells of projects, read by eye: the list, that of a record, or the first."""

    def __init__(self, client, address):
        self.tree = html.fromstring(asked_for(client, address).decode())

    @property
    def slugs(self):
        """Of the projects in the table of results, in order."""
        tables = self.tree.xpath('//*[@class="finder-results" or @id="projects"]//table')
        hrefs = tables[0].xpath('./tbody/tr/th[@scope="row"]/a/@href') if tables else []
        return [urlsplit(href).path.split("/")[-2] for href in hrefs]

    @property
    def number(self):
        return _number(self.tree.xpath('//*[@id="result"]/strong | //*[@id="figure"]/a')[0].text_content())

    @property
    def sums(self):
        return self.said_sums("result")

    def said_sums(self, name):
        """Return what a figure says: ((currency, amount, projects that state it), …), and those not added."""
        text = words_of(self.tree.xpath(f'//*[@id="{name}" or @class="{name}"]')[0])
        sums = sorted(
            (currency, _amount(amount), 2 if both else _number(part or every or "1"))
            for currency, amount, part, every, both in _SUM.findall(text)
        )
        return sums, sorted(map(_number, _NOT_ADDED.findall(text)))

    @property
    def ticks(self):
        """Return ``{parameter: {value: (number, whether it is ticked)}}`` of the facets, in the order of the page."""
        boxes = {}
        for label in self.tree.xpath('//label[input[@type="checkbox"]][span[@class="count"]]'):
            [box], [count] = label.xpath("./input"), label.xpath('./span[@class="count"]')
            boxes.setdefault(box.get("name"), {})[box.get("value")] = (
                _number(count.text_content()),
                "checked" in box.attrib,
            )
        return boxes

    @property
    def years(self):
        """Return ``{year: (number, question that it leads to)}``."""
        pairs = [(link.text, there) for link, there in self._counted if re.fullmatch(r"\d{4}", link.text or "")]
        return dict(pairs)

    @property
    def _counted(self):
        """Return [(link, (number beside it, question that it leads to))]."""
        links = self.tree.xpath('//a[following-sibling::*[1][self::span and @class="count"]]')
        return [(link, (_number(link.getnext().text_content()), _question(link))) for link in links]

    @property
    def values(self):
        """Return [(number, question that it leads to, whether it is picked)] of the page of all values."""
        return [(number, there, "aria-current" in link.attrib) for link, (number, there) in self._counted]

    @property
    def offers(self):
        """Return [(number, question)] of the links that say how many projects there would be without one filter."""
        links = self.tree.xpath('//ul[@class="loosen"]//a')
        return [(_number(link.text_content().rpartition(":")[2]), _question(link)) for link in links]

    @property
    def meant(self):
        """Return [(number, question)] of the links to other searches where one finds nothing."""
        links = self.tree.xpath('//p[@class="meant"]//a')
        return [(_number(link.tail.partition("(")[2]), _question(link)) for link in links]

    @property
    def gaps(self):
        """Return [(number, question)] of the links to what no source states."""
        return [
            (_number(link.text_content().rpartition(" for ")[2]), _question(link))
            for link in self.tree.xpath('//ul[@class="gaps"]//a')
        ]

    @property
    def undated(self):
        """Return how many projects without dates the page offers to take in or leave out, 0 if it does not."""
        offered = self.tree.xpath('//p[@class="undated"]')
        return _number(offered[0].text_content()) if offered else 0


def values(client, name, query, picked):
    """Return ``{value: number}`` of all values of a parameter that could be asked for besides those ``picked``."""
    numbers, shown, number = {}, [None] * 100, 0
    while len(shown) == 100:
        number += 1
        shown = ShownPage(client, f"/projects/values/{name}/?{query}&page_size=100&page={number}").values
        others = [(many, there) for many, there, is_picked in shown if not is_picked]
        numbers |= {key: many for many, there in others for key in there[name] if key not in picked}
    return numbers


def gaps(client):
    """Return (``{member: {country: number}}``, ``{rule: (number, slugs)}``) of the page of gaps, without zeros.

    The country "" is all.
    """
    tree, missing = html.fromstring(asked_for(client, "/gaps/").decode()), {}
    for link in tree.xpath('//table//td/a[contains(@href, "/projects/?")]'):
        asked = _question(link)
        member = "status" if "status" in asked else asked["not_stated"][0]
        missing.setdefault(member, {})[asked.get("country", [""])[0]] = _number(link.text)
    rules = {}
    for section in tree.xpath("//main//section[@id][h3]"):
        slugs = {href.split("/")[-2] for href in section.xpath(".//li/a/@href")}
        count = re.search(r"([\d,]+) projects? of", words_of(section))
        rules[section.get("id")] = (_number(count[1]) if count else 0, slugs)
    return missing, rules


def words_of(element):
    """Return the words of an element, with single spaces."""
    return " ".join(element.text_content().split())


def _number(text):
    return int(re.search(r"\d[\d,]*", text)[0].replace(",", ""))


def _amount(text):
    whole, _, cents = text.replace(",", "").partition(".")
    return f"{whole}.{cents or '00'}"


def _question(link):
    return parse_qs(urlsplit(link.get("href")).query)
