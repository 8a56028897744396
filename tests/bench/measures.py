"""What is measured: each measure asks its servers in turn, A B A B …, and adds Rows."""

import hashlib
import os
import random
import sys
from contextlib import ExitStack
from itertools import count, cycle
from statistics import median
from time import perf_counter

import orjson
import psycopg2

from tests.bench import bare, servers
from tests.bench.client import Client, pieces, rate
from tests.bench.questions import DEEP, FILTERS, LIST, PAGES, SIZE, STATS, address, list_page
from tests.bench.report import Row

ROUNDS = 7
BUDGET = 60  # seconds after which a measure begins no other round
WALKED = 400  # pages by cursor, of 50
MS = 1000
WHOLE_PAGES = ("/", "/gaps/", "/countries/MD/")


class Differs(Exception):
    """Two servers gave other rows for the same question."""


def same(asked, answers):
    """Differs, unless all answers (JSON) have the same rows, and as many where they say so."""
    read = [orjson.loads(answer.body) for answer in answers]
    bodies = [[each.get("count"), each["results"]] if "results" in each else each for each in read]
    if any(each != bodies[0] for each in bodies):
        raise Differs(f"Other rows for {asked}")


def rounds(number):
    """Count to ``number``, or until the BUDGET is spent."""
    start = perf_counter()
    for done in range(number):
        if done and perf_counter() - start > BUDGET:
            return
        yield done


def alternately(names, measure, number=ROUNDS):
    """Return ``{name: [measure(name)]}``, A B A B …"""
    measured = {name: [] for name in names}
    for _ in rounds(number):
        for name in names:
            measured[name].append(measure(name))
    return measured


class Bench:
    """Servers by name (``limit``, ``now`` and, if there is one, ``before``), their databases, what was measured."""

    def __init__(self, up, urls, questions):
        self.up, self.urls, self.questions, self.rows = up, urls, questions, []
        self.ours = [name for name in up if name != "limit"]
        self.plain, self.packed = ({name: Client(up[name].port, code) for name in up} for code in ("identity", "br"))

    def add(self, label, unit, numbers, goal="", **options):
        """Add a Row, and say so at once."""
        self.rows.append(Row(label, unit, numbers, goal, **options))
        print(f"  {label}", file=sys.stderr, flush=True)

    # -- how many in a second --

    def rates(self):
        details = [f"{LIST}{key}/" for key in self.questions.keys[:20_000]]
        for asked in details[:100]:
            same(asked, [client.read(asked) for client in self.plain.values()])
        for label, paths, goal in (
            ("API detail", {name: details for name in self.up}, "detail"),
            ("API list by cursor, 50", self.walked(), "cursor"),
            ("/healthz", {name: ["/healthz"] for name in self.up}, "healthz"),
        ):
            asked = {name: cycle(addresses) for name, addresses in paths.items()}
            alternately(self.up, lambda name, asked=asked: rate(self.up[name].port, asked[name], 0.3), 1)
            measured = alternately(self.up, lambda name, asked=asked: rate(self.up[name].port, asked[name]))
            self.add(label, "a second", measured, goal, is_time=False)

    def walked(self):
        """Return the addresses of pages by cursor, by server, shuffled. Differs, if one has other rows or an end."""
        paths = {name: [f"{LIST}?cursor=&page_size=50"] for name in self.up}
        for _ in range(WALKED):
            answers = {name: client.read(paths[name][-1]) for name, client in self.plain.items()}
            same(paths["now"][-1], answers.values())
            following = {name: orjson.loads(answer.body)["next"] for name, answer in answers.items()}
            if None in following.values():
                break
            for name, to in following.items():
                paths[name].append(to[to.index(LIST) :])
        for addresses in paths.values():
            random.Random(2).shuffle(addresses)
        return paths

    # -- how long one answer takes --

    def times(self, names, draw, number=ROUNDS, *, clients=None, compared=False):
        """Return ``{name: [ms]}`` of the addresses that ``draw()`` gives, each asked once of every server."""
        measured = {name: [] for name in names}
        for _ in rounds(number):
            asked = draw()
            answers = {name: (clients or self.plain)[name].read(asked) for name in names}
            if compared:
                same(asked, answers.values())
            for name, answer in answers.items():
                measured[name].append(answer.seconds * MS)
        return measured

    def lists(self):
        draw = self.questions
        self.times(self.up, lambda: list_page(draw.narrow()), 3)  # opens what is opened once
        measured = self.times(self.up, lambda: list_page(draw.narrow()), 25, compared=True)
        self.add("API list, two countries and a theme, page 1", "ms", measured, "list")
        middle = [list_page(asked, count // SIZE // 2 + 1) for asked, count in self.wide_ones(25)]
        measured = self.times(self.up, iter(middle).__next__, 25, compared=True)
        self.add("API list, seven countries, page in the middle", "ms", measured, "list")
        wide = self.wide_ones(25)
        size = min(SIZE, *(count // DEEP for _, count in wide))
        deep = iter([list_page(asked, DEEP, size) for asked, _ in wide])
        measured = self.times(self.up, deep.__next__, 25, compared=True) if size else {}
        note = "" if size else "no such page"
        label = f"API list, seven countries, page {DEEP:,}"
        self.add(f"{label} ({size or 1} a page)", "ms", measured, "list", note=note)
        self.add(
            f"{label}, in ms", "ms", {name: measured[name] for name in self.ours if measured}, "list, ms", note=note
        )

    def wide_ones(self, number):
        """Return ``[(filter, how many projects it leaves)]``, of which only the limit was asked."""
        wide = [self.questions.wide() for _ in range(number)]
        counted = [orjson.loads(self.plain["limit"].read(list_page(asked, 1, 1)).body)["count"] for asked in wide]
        return list(zip(wide, counted, strict=True))

    def figures(self):
        measured = self.times(self.ours, lambda: address(STATS, self.questions.wide(), group_by="country"), 15)
        self.add("stats by country, of seven countries", "ms", measured, "stats")

    def searches(self):
        """Each word with three sizes of page, of which each is asked once."""
        words = {}
        for word in self.questions.searches():
            asked = (address(LIST, {"q": word}, page_size=SIZE - less) for less in count())
            words[word] = self.times(self.ours, asked.__next__, 3)
        medians = {name: [median(measured[name]) for measured in words.values()] for name in self.ours}
        self.add(f"API search, the medians of {len(words)} words", "ms", medians)
        slowest = max(words, key=lambda word: median(words[word]["now"]))
        self.add(f"API search, the slowest word: {slowest}", "ms", words[slowest], "search")

    def pages(self):
        """Pages of a filter, with three sizes, as browsers ask for them."""
        sizes = {"HTML": self.plain, "as sent (brotli)": self.packed}
        for label, asked in FILTERS.items():
            asked_for = [address(PAGES, asked, page_size=SIZE - less) for less in range(3)]
            measured = self.times(self.ours, iter(asked_for).__next__, 3, clients=self.packed)
            self.add(f"{PAGES} {label}", "ms", measured, "page")
        for form, clients in sizes.items():
            measured = {name: [self.largest(clients[name])] for name in self.ours}
            self.add(f"{PAGES} the largest, {form}", "kB", measured, "page, kB" if clients is self.plain else "")

    @staticmethod
    def largest(client):
        return max(len(client.read(address(PAGES, asked, page_size=SIZE)).body) / 1000 for asked in FILTERS.values())

    def pictures(self):
        path = f"{PAGES}pictures/"
        there = [name for name in self.ours if self.packed[name].get(path).status == 200]
        for label, asked in FILTERS.items():
            draw = (
                address(path, asked | extra) for extra in ({"sort": "title"}, {"sort": "-title"}, {"sort": "budget"})
            )
            measured = self.times(there, draw.__next__, 3, clients=self.packed) if "now" in there else {}
            self.add(f"{path} {label}", "ms", measured, "pictures", note="" if measured else "answers 404")
            if not measured:
                break

    # -- files --

    def files(self):
        """Whole files and COPY in turn, both thrown away."""
        self.check_file()
        forms = ("ndjson", "csv")
        measures = {"limit": self.copied}
        for name in self.ours:
            measures |= {(name, form): (lambda name=name, form=form: self.sent(name, form)) for form in forms}
        measured = alternately(measures, lambda which: measures[which]())
        for form in forms:
            numbers = {"limit": measured["limit"]} | {name: measured[name, form] for name in self.ours}
            self.add(f"/projects.{form}, beside COPY", "s", numbers, form, is_share=True)

    def copied(self):
        """Return the seconds of COPY of all documents."""
        with servers.connected(self.urls["limit"]) as cursor, open(os.devnull, "wb") as nowhere:
            start = perf_counter()
            cursor.copy_expert(bare.COPY, nowhere)
            return perf_counter() - start

    def sent(self, name, form):
        """Return the seconds of a file of all projects."""
        start = perf_counter()
        for _ in pieces(self.up[name].port, f"/projects.{form}"):
            pass
        return perf_counter() - start

    def check_file(self):
        """Differs, unless /projects.ndjson is to the byte what the limit reads."""
        ours, limit = hashlib.sha256(), hashlib.sha256()
        for piece in pieces(self.up["now"].port, "/projects.ndjson"):
            ours.update(piece)
        connection = psycopg2.connect(self.urls["limit"])
        with connection, connection.cursor("documents") as cursor:
            cursor.execute(bare.ALL)
            for (document,) in cursor:
                limit.update(f"{document}\n".encode())
        connection.close()
        if ours.digest() != limit.digest():
            raise Differs("Other rows in /projects.ndjson")

    # -- after a change, made by another process --

    def changes(self, folders):
        """What the first answer after a change takes. From here on the limit's own tables are out of date."""
        draw = self.questions
        with ExitStack() as stack:
            change = {name: stack.enter_context(servers.changing(self.urls[name], folders[name])) for name in self.ours}
            for label, asked in (
                ("API list", lambda: list_page(draw.narrow())),
                ("stats", lambda: address(STATS, draw.wide(), group_by="country")),
            ):
                first, second = self.after(change, asked, 15)
                added = {name: [a - b for a, b in zip(first[name], second[name], strict=True)] for name in self.ours}
                self.add(f"{label}, extra time just after a change", "ms", added, "after a change")
            for page in WHOLE_PAGES:
                built, again = self.after(change, lambda page=page: page, ROUNDS)
                self.add(f"{page} just after a change", "ms", built, "record page")
                self.add(f"{page} asked again", "ms", again)

    def after(self, change, draw, number):
        """Return ``{name: [ms]}`` of the first answer after each change, and the same of the second."""
        first, second = ({name: [] for name in self.ours} for _ in range(2))
        for _ in rounds(number):
            key, *asked = self.questions.keys.pop(), draw(), draw()
            for name in self.ours:
                change[name](key)
                for measured, path in zip((first, second), asked, strict=True):
                    measured[name].append(self.packed[name].read(path).seconds * MS)
        return first, second


def memory(url, folder, workers=2):
    """Return (bytes for each worker, seconds until the first answer) of a server as shipped that was asked all sorts."""
    with servers.serving(url, folder, workers=workers) as server:
        asked = [address(PAGES, filters) for filters in FILTERS.values()] + [f"{STATS}?group_by=country", *WHOLE_PAGES]
        for _ in rounds(3):
            clients = [Client(server.port, "br") for _ in range(4 * workers)]  # one alone would ask but one worker
            for client in clients:
                client.read("/healthz")
            for client, path in zip(cycle(clients), asked * workers * 2, strict=False):
                client.read(path)
        return server.memory() / workers, server.starting
