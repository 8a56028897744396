"""A decision with two contracts, one of which has a part of its own; and one project beside them."""

from projects.models import Project
from provenance.models import State
from tests.support.records import record
from tests.support.staff import make, make_frame


def make_family():
    make_frame()
    projects = {
        "decision": (None, "1000"), "contract-a": ("decision", "400"), "contract-b": ("decision", None),
        "grant": ("contract-b", "70"), "beside": (None, "7"),
    }  # fmt: skip
    for slug, (part_of, amount) in projects.items():
        make_part(slug, part_of, budget_amount=amount, budget_currency="EUR" if amount else "")
    record(Project, projects, user_name="tester")


def make_part(slug, part_of, **columns):
    project = make(Project, slug, title=slug.capitalize(), part_of_id=part_of, state=State.PUBLISHED, **columns)
    project.countries.add("MD")
    return project
