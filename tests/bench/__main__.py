"""``python -m tests.bench [N [BASE [DATA]]]``: measures a register of N sample projects, and prints a Markdown table.

BASE: a commit that is measured beside this one. DATA: a folder that keeps the register. See docs/performance.md.
"""

import os
import platform
import signal
import subprocess
import sys
from contextlib import ExitStack

from tests.bench import servers
from tests.bench.client import CONNECTIONS
from tests.bench.measures import Bench, memory
from tests.bench.questions import Questions
from tests.bench.report import table
from tests.with_postgres import postgres, terminated


def say(*words):
    print(*words, file=sys.stderr, flush=True)


def registers(url, base, count):
    """Make the register with the code of BASE, if there is one; return ``{server: address of its database}``.

    Then this commit has a copy that it migrates: both have the same rows, and neither waits for the other's changes.
    """
    say(f"Making {count:,} sample projects")
    servers.fill(url, base or servers.ROOT, count)
    urls = {"limit": url, "now": url}
    if base:
        now = servers.copy(url, "now")
        servers.manage(now, servers.ROOT, "migrate")
        urls = {"limit": now, "now": now, "before": url}
    for each in set(urls.values()):
        servers.settle(each)
    return urls


def questions(url):
    """Return Questions about the published projects of a register."""
    with servers.connected(url) as cursor:
        columns = []
        for query in (
            "SELECT slug FROM bench.project ORDER BY 1",
            "SELECT DISTINCT key FROM bench.country ORDER BY 1",
            "SELECT DISTINCT key FROM bench.theme ORDER BY 1",
            "SELECT title FROM projects_project JOIN bench.project USING (slug) ORDER BY slug LIMIT 1000",
        ):
            cursor.execute(query)
            columns.append([value for (value,) in cursor])
    return Questions(*columns)


def measured(urls, folders):
    """Return the Rows of all that is measured."""
    with ExitStack() as stack:
        up = {"limit": stack.enter_context(servers.serving(urls["limit"], servers.ROOT, "tests.bench.bare:app"))}
        for name, folder in folders.items():
            up[name] = stack.enter_context(servers.serving(urls[name], folder))
        bench = Bench(up, urls, questions(urls["limit"]))
        for measure in (
            bench.rates,
            bench.lists,
            bench.figures,
            bench.searches,
            bench.pages,
            bench.pictures,
            bench.files,
        ):
            measure()
        bench.changes(folders)
    taken = {name: memory(urls[name], folder) for name, folder in folders.items()}
    bench.add(
        "memory of each of two workers (PSS)",
        "MB",
        {name: [size / 2**20] for name, (size, _) in taken.items()},
        "memory",
    )
    bench.add("start to first answer", "s", {name: [seconds] for name, (_, seconds) in taken.items()})
    return bench.rows


def commit_of(folder):
    described = ["git", "describe", "--always", "--dirty", "--exclude=*"]
    return subprocess.run(described, cwd=folder, capture_output=True, text=True, check=True).stdout.strip()


def main(count="10000", base="", data=""):
    if not (count.isascii() and count.isdigit() and int(count) >= 1000):
        sys.exit(f"N is “{count}”. Give a whole number of projects from 1000, such as N=10000.")
    count, load = int(count), os.getloadavg()[0]
    with servers.commit(base) as before, postgres(data) as url:
        if before:
            servers.manage("sqlite://:memory:", before, "collectstatic --noinput")
        folders = {"now": servers.ROOT} | ({"before": before} if before else {})
        commits = {name: commit_of(folder) for name, folder in folders.items()}
        rows = measured(registers(url, before, count), folders)
    print(f"{count:,} projects; {', '.join(f'{name}: {commit}' for name, commit in commits.items())}.")
    print(f"Python {platform.python_version()}, {os.cpu_count()} cores, {CONNECTIONS} connections.")
    print(f"Load of the machine at the start {load:.1f}, at the end {os.getloadavg()[0]:.1f}.\n")
    print(table(rows, count))


if __name__ == "__main__":
    for number in (signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, terminated)
    main(*sys.argv[1:])
