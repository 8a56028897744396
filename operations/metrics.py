"""What the processes of the site did, counted in memory that they share, as text for Prometheus.

The memory is made before the processes are forked. Each process has a row of its own, by its number; two that share
one may lose a count, and nothing else.
"""

import mmap
import os
from bisect import bisect_left
from contextlib import suppress
from threading import Lock

import numpy as np
from django.db import DatabaseError, InterfaceError
from django.db.models import Count

from imports.models import Import
from projects.index import follower
from provenance.models import AuditEntry

from . import runs

KINDS = ("page", "api", "file", "admin", "static", "operation")
CLASSES = ("2xx", "3xx", "4xx", "5xx")
BUCKETS = (0.005, 0.025, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, float("inf"))  # seconds
RESULTS = ("hit", "miss")  # of the cache of pages
_SECONDS = len(CLASSES) + len(BUCKETS)
_BYTES, _RESULT = _SECONDS + 1, _SECONDS + 2
_SHAPE = (61, len(KINDS), _RESULT + len(RESULTS))  # a prime number of processes: their numbers follow one another
_cells = memoryview(mmap.mmap(-1, int(np.prod(_SHAPE)) * 8)).cast("d")
_lock = Lock()


def count(kind, status, seconds, size, result=None):
    """Count an answer. ``size``: bytes; ``result``: what the cache of pages did, one of RESULTS, or None."""
    row = (os.getpid() % _SHAPE[0] * len(KINDS) + KINDS.index(kind)) * _SHAPE[2]
    with _lock:
        _cells[row + min(max(status // 100 - 2, 0), 3)] += 1
        _cells[row + len(CLASSES) + bisect_left(BUCKETS, seconds)] += 1
        _cells[row + _SECONDS] += seconds
        _cells[row + _BYTES] += size
        if result:
            _cells[row + _RESULT + RESULTS.index(result)] += 1


def text():
    """Return everything in the text format of Prometheus."""
    return "".join(f"{line}\n" for line in [*_of_requests(), *_of_process(), *_of_register()])


def _of_requests():
    totals = dict(zip(KINDS, np.asarray(_cells).reshape(_SHAPE).sum(axis=0).tolist(), strict=True))
    yield "# TYPE eap_requests_total counter"
    for kind, row in totals.items():
        yield from (_line("requests_total", row[at], kind=kind, status=name) for at, name in enumerate(CLASSES))
    yield "# TYPE eap_request_seconds histogram"
    for kind, row in totals.items():
        total = 0
        for at, limit in enumerate(BUCKETS, len(CLASSES)):
            total += row[at]
            yield _line("request_seconds_bucket", total, kind=kind, le="+Inf" if limit == BUCKETS[-1] else limit)
        yield _line("request_seconds_sum", row[_SECONDS], kind=kind)
        yield _line("request_seconds_count", total, kind=kind)
    yield "# TYPE eap_response_bytes_total counter"
    yield from (_line("response_bytes_total", row[_BYTES], kind=kind) for kind, row in totals.items())
    yield "# TYPE eap_page_cache_total counter"
    for at, result in enumerate(RESULTS, _RESULT):
        yield _line("page_cache_total", sum(row[at] for row in totals.values()), result=result)


def _of_process():
    """Yield the memory of the process that answers, with its part of what it shares; nothing without Linux' /proc."""
    with suppress(OSError), open("/proc/self/smaps_rollup") as file:
        [kilobytes] = [int(line.split()[1]) for line in file if line.startswith("Pss:")]
        yield from _gauge("process_memory_bytes", [(kilobytes * 1024, {})])


def _of_register():
    """Yield the figures that are in the database, or that it is away."""
    try:
        register = follower.current_register()
        waiting = Import.objects.order_by().values_list("state").annotate(Count("pk"))
        states = dict.fromkeys(Import.State.values, 0) | dict(waiting)
        ages, entries = runs.ages(), AuditEntry.objects.count()
    except (DatabaseError, InterfaceError):
        yield from _gauge("database_up", [(0, {})])
        return
    yield from _gauge("database_up", [(1, {})])
    yield from _gauge("register_version", [(register.version.number, {})])
    yield from _gauge("index_projects", [(register.projects.count(), {})])
    yield from _gauge("audit_entries", [(entries, {})])
    yield from _gauge("imports", [(number, {"state": state}) for state, number in states.items()])
    # The label is not “job”, which Prometheus uses for what it scrapes.
    yield from _gauge("job_age_seconds", [(round(age), {"task": name}) for name, (age, _is_ok) in ages.items()])
    yield from _gauge("job_ok", [(int(is_ok), {"task": name}) for name, (_age, is_ok) in ages.items()])


def _gauge(name, values):
    yield f"# TYPE eap_{name} gauge"
    yield from (_line(name, value, **labels) for value, labels in values)


def _line(name, value, **labels):
    within = ",".join(f'{label}="{each}"' for label, each in labels.items())
    return f"eap_{name}{{{within}}} {value:.10g}" if within else f"eap_{name} {value:.10g}"
