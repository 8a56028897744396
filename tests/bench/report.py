"""What was measured, as a table: medians, spread, and whether the goals hold. Pure."""

from dataclasses import dataclass, field
from statistics import median, quantiles

SIZES = (10_000, 100_000, 1_000_000)  # of the registers that goals are set for
AT_LEAST, AT_MOST = "≥", "≤"
HEADINGS = ("what", "unit", "limit", "before", "now", "before ÷ limit", "now ÷ limit", "goal", "holds")

# name: (of which column, sign, number for each of SIZES)
GOALS = {
    "detail": ("ratio", AT_LEAST, (0.7, 0.7, 0.7)),
    "cursor": ("ratio", AT_LEAST, (1.0, 1.0, 1.0)),
    "healthz": ("ratio", AT_LEAST, (0.7, 0.7, 0.7)),
    "list": ("ratio", AT_LEAST, (2, 5, 20)),
    "list, ms": ("now", AT_MOST, (None, None, 20)),
    "stats": ("now", AT_MOST, (5, 10, 30)),
    "search": ("now", AT_MOST, (5, 10, 30)),
    "page": ("now", AT_MOST, (40, 50, 100)),
    "page, kB": ("now", AT_MOST, (60, 60, 60)),
    "pictures": ("now", AT_MOST, (150, 200, 500)),
    "record page": ("now", AT_MOST, (40, 60, 150)),
    "after a change": ("now", AT_MOST, (1, 1, 5)),
    "memory": ("added", AT_MOST, (10, 50, 250)),
    "ndjson": ("ratio", AT_MOST, (1.2, 1.2, 1.2)),
    "csv": ("ratio", AT_MOST, (2.3, 2.3, 2.3)),
}


@dataclass
class Row:
    """One line: ``numbers`` by server (limit, before, now), each a list in the order measured.

    ``goal``: a name in GOALS. ``is_time``: the larger of two numbers is the slower. ``is_share``: the ratio is that of
    times, as of a file beside COPY; else that of speeds. ``note``: why there are no numbers.
    """

    what: str
    unit: str
    numbers: dict[str, list[float]] = field(default_factory=dict)
    goal: str = ""
    is_time: bool = True
    is_share: bool = False
    note: str = ""

    def ratios(self, name):
        """Return one server beside the limit, pair by pair as they were measured; ``[]`` without a limit."""
        pairs = zip(self.numbers.get(name, ()), self.numbers.get("limit", ()), strict=False)
        return [limit / own if self.is_time and not self.is_share else own / limit for own, limit in pairs]

    def judged(self, column):
        """Return the number that a goal is about; None where it was not measured."""
        now, before = (self.numbers.get(name) for name in ("now", "before"))
        if column == "added":
            return median(now) - median(before) if now and before else None
        numbers = self.ratios("now") if column == "ratio" else now
        return median(numbers) if numbers else None


def goal_of(name, count):
    """Return (column, sign, number) for a register of ``count`` projects: that of the next larger size. None: none."""
    if not name:
        return None
    column, sign, numbers = GOALS[name]
    number = next((number for size, number in zip(SIZES, numbers, strict=True) if count <= size), numbers[-1])
    return None if number is None else (column, sign, number)


def holds(row, count):
    """Return whether the goal of a row holds; None without a goal, or where nothing was measured for it."""
    goal = goal_of(row.goal, count)
    number = goal and row.judged(goal[0])
    if number is None:
        return None
    return number >= goal[2] if goal[1] == AT_LEAST else number <= goal[2]


def with_spread(numbers):
    """Return ``median (lower quartile–upper quartile)``; of few numbers the median alone."""
    if not numbers:
        return ""
    if len(numbers) < 4:
        return short(median(numbers))
    low, _, high = quantiles(numbers, n=4)
    return f"{short(median(numbers))} ({short(low)}–{short(high)})"


def short(number):
    """Return a number with three figures, and none cut off before the point."""
    return f"{number:,.0f}" if abs(number) >= 100 else f"{number:.3g}"


def cells(row, count):
    """Return the texts of one line, one for each of HEADINGS."""
    limit, before, now = (with_spread(row.numbers.get(name)) for name in ("limit", "before", "now"))
    ratios = [with_spread(row.ratios(name)) for name in ("before", "now")]
    return [row.what, row.unit, limit, before, now or row.note, *ratios, *verdict(row, count)]


def verdict(row, count):
    """Return the goal of a row, and whether it holds, in words."""
    goal = goal_of(row.goal, count)
    if goal is None:
        return "", ""
    column, sign, number = goal
    words = f"{sign} {'+ ' if column == 'added' else ''}{short(number)}{' ×' if column == 'ratio' else ''}"
    return words, {True: "yes", False: "NO", None: "not measured"}[holds(row, count)]


def table(rows, count):
    """Return Rows as a Markdown table of aligned columns, without those that have no numbers."""
    lines = [list(HEADINGS), *(cells(row, count) for row in rows)]
    columns = [column for column in zip(*lines, strict=True) if any(column[1:])]
    widths = [max(map(len, column)) for column in columns]
    lines = list(zip(*columns, strict=True))
    lines.insert(1, ["-" * width for width in widths])
    return "\n".join(
        f"| {' | '.join(cell.ljust(width) for cell, width in zip(line, widths, strict=True))} |" for line in lines
    )
