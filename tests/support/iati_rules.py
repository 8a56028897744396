"""IATI 2.03 as its publishers check it: schema, standard ruleset and codelists, read from IATI_SCHEMA_DIR.

The ruleset is data; here is what its kinds of rule mean (SPEC.rst beside it). Kinds that no rule for activities
uses are refused, so that none is left out unseen.
"""

import json
import os
import re
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from functools import cache
from pathlib import Path

from lxml import etree

FOLDER = os.environ.get("IATI_SCHEMA_DIR")


def faults(tree):
    """Return what is wrong with a file (an element tree), as sentences; [] without the standard at hand."""
    if not FOLDER:
        return []
    schema = _schema()
    messages = [] if schema.validate(tree) else [f"schema: {error.message}" for error in schema.error_log]
    return messages + broken_rules(tree) + unknown_codes(tree)


@cache
def _schema():
    return etree.XMLSchema(etree.parse(Path(FOLDER) / "schemas/2.03/iati-activities-schema.xsd"))


@cache
def _codes(name):
    return {item["code"] for item in json.loads((Path(FOLDER) / f"codelists/json/{name}.json").read_text())["items"]}


def unknown_codes(tree):
    """Return the codes that their codelist does not have."""
    messages = []
    for mapping in etree.parse(Path(FOLDER) / "codelists/mapping.xml").getroot():
        path, name = mapping.findtext("path"), mapping.find("codelist").get("ref")
        if condition := mapping.findtext("condition"):
            element, attribute = path.rsplit("/", 1)
            path = f"{element}[{condition}]/{attribute}"
        if (Path(FOLDER) / f"codelists/json/{name}.json").exists():
            messages += [
                f"codelist {name}: {value}" for value in map(str, tree.xpath(path)) if value not in _codes(name)
            ]
    return messages


def broken_rules(tree):
    """Return the rules of the standard ruleset, errors and warnings, that a file breaks."""
    rules = json.loads((Path(FOLDER) / "rulesets/standard.json").read_text())
    return [
        f"{case['ruleInfo']['id']} {case['ruleInfo']['severity']}: {case['ruleInfo']['message']}"
        for context, kinds in rules.items()
        for element in tree.xpath(context)
        for kind, case in _cases(kinds, element)
        if not (case.get("condition") and not element.xpath(f"boolean({case['condition']})"))
        if not KINDS[kind](element, case)
    ]


def _cases(kinds, element):
    for kind, rule in kinds.items():
        for case in rule["cases"]:
            if kind == "loop":
                for value in dict.fromkeys(map(str, element.xpath(case["foreach"]))):
                    yield from _cases(json.loads(json.dumps(case["do"]).replace("$1", value)), element)
            else:
                yield kind, case


def _texts(element, case, key="paths"):
    return [
        match if isinstance(match, str) else (match.text or "") for path in case[key] for match in element.xpath(path)
    ]


def _one_or_all(element, case):
    every = {
        "lang": "not(.//narrative[not(@xml:lang)])",
        "sector": "not(transaction[not(sector)])",
        "currency": "not(.//value[not(@currency)])",
    }
    return bool(element.xpath(case["one"])) or element.xpath(every[case["all"]])


def _days(element, path):
    return (
        [datetime.now(UTC).date()] if path == "NOW" else [date.fromisoformat(text[:10]) for text in element.xpath(path)]
    )


def _date_order(element, case):
    return all(less <= more for less in _days(element, case["less"]) for more in _days(element, case["more"]))


def _starts(element, case):
    if case["prefix"] == ["ORG-ID-PREFIX"]:
        prefixes = _codes("OrganisationRegistrationAgency")
    else:
        prefixes = {prefix + case["separator"] for path in case["prefix"] for prefix in element.xpath(path)}
    return all(text.startswith(tuple(prefixes)) for text in _texts(element, case))


def _range(element, case):
    return all(case["min"] <= Decimal(text) <= case["max"] for text in _texts(element, case))


def _time_limit(element, case):
    starts, ends = _days(element, case["start"]), _days(element, case["end"])
    return all(end - start <= timedelta(days=366) for start in starts for end in ends)


KINDS = {
    "unique": lambda element, case: len(set(texts := _texts(element, case))) == len(texts),
    "startswith": _starts,
    "atleast_one": lambda element, case: bool(_texts(element, case)),
    "no_more_than_one": lambda element, case: len(_texts(element, case)) <= 1,
    "one_or_all": _one_or_all,
    "date_now": lambda element, case: all(day <= datetime.now(UTC).date() for day in _days(element, case["date"])),
    "date_order": _date_order,
    "regex_matches": lambda element, case: all(re.search(case["regex"], text) for text in _texts(element, case)),
    "no_spaces": lambda element, case: all(text == text.strip() for text in _texts(element, case)),
    "strict_sum": lambda element, case: sum(map(Decimal, _texts(element, case))) == case["sum"],
    "range": _range,
    "if_then": lambda element, case: (
        not element.xpath(f"boolean({case['if']})") or element.xpath(f"boolean({case['then']})")
    ),
    "time_limit": _time_limit,
}
