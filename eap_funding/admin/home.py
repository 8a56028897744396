"""The admin's first page: the user's work, the quality of the register, and the latest changes.

Each number links to the list of those rows. Staff of a delegation see the numbers for their countries.
"""

from django.conf import settings
from django.db.models import Count, Exists, OuterRef, Q
from django.utils import timezone

from imports.models import Import
from operations import runs
from projects.index.follower import current_register
from projects.models import Organisation, Project
from projects.quality import duplicates, rules
from provenance.models import Proposal, Revision, State, SuggestedSource
from provenance.site.admin_site import address
from provenance.store import log
from provenance.workflow import permissions

LATEST = 10
MOST_IMPORTS = 5
WAITING = Proposal.Outcome.WAITING


def counted(count, one, many, where):
    """Return a count with its noun, in the singular or plural, and the address of its list."""
    return {"count": count, "words": one if count == 1 else many, "address": where}


def first_page(user):
    """Return the context of the first page for ``user``."""
    return {
        "links": list(links_to_add(user)), "waiting": list(waiting(user)), "own": list(own_proposals(user)),
        "latest": latest(), "quality": quality_table(user), "warnings": list(warnings(user)),
    }  # fmt: skip


def warnings(user):
    """Yield a warning while the register is read-only and, for administrators, the nightly jobs that are overdue or
    failed."""
    if settings.READ_ONLY:
        yield f"The register is read-only. {settings.READ_ONLY}"
    if permissions.may(user, "administer"):
        yield from runs.warnings()


def links_to_add(user):
    """Yield (label, address) of each kind of record that ``user`` may add."""
    if permissions.may(user, "add"):
        yield "Add a project", address(Project, "add")
    if permissions.may(user, "import"):
        yield "Upload a file", address(Import, "add")


def waiting(user):
    """Yield a count for each kind of work that waits for ``user``."""
    numbers = [*suggestions(user), *proposals(user), drafts(user), *imports(user), *pairs(user)]
    yield from (number for number in numbers if number["count"])


def suggestions(user):
    """Yield how many sources suggested by visitors wait, if ``user`` may decide on them."""
    if permissions.may(user, "add"):
        count = SuggestedSource.objects.filter(outcome=SuggestedSource.Outcome.WAITING).count()
        where = address(SuggestedSource, outcome__exact="waiting")
        yield counted(count, "source suggested by a visitor", "sources suggested by visitors", where)


def proposals(user):
    """Yield how many proposals ``user`` may decide."""
    if permissions.may(user, "decide"):
        rows, count = Proposal.objects.filter(outcome=WAITING).order_by(), 0
        for kind in rows.values_list("kind", flat=True).distinct():
            mine = permissions.allowed(user, "decide", log.record_kinds()[kind].objects.all())
            count += rows.filter(kind=kind, key__in=mine.values("pk")).count()
        where = address(Proposal, outcome__exact=WAITING)
        yield counted(count, "proposal to decide", "proposals to decide", where)


def own_proposals(user):
    """Yield the number of proposals of ``user`` by outcome."""
    own = Proposal.objects.filter(user=user).order_by()
    for outcome, count in own.values_list("outcome").annotate(Count("pk")).order_by("outcome"):
        words = str(Proposal.Outcome(outcome).label).lower()
        yield counted(count, words, words, address(Proposal, outcome__exact=outcome, user__id__exact=user.pk))


def drafts(user):
    """Return the number of draft projects that ``user`` may edit."""
    number = permissions.allowed(user, "change", Project.objects.filter(state=State.DRAFT)).count()
    return counted(number, "draft of a project", "drafts of projects", address(Project, **narrowed(user, "draft")))


def imports(user):
    """Yield the numbers of refused rows and uncertain matches in the user's imports; only the latest of each file."""
    rows = Import.objects.filter(
        user=user, state__in=[Import.State.READ, Import.State.DONE], about__closed__isnull=True
    )
    rows = rows.filter(~Exists(rows.filter(digest=OuterRef("digest"), pk__gt=OuterRef("pk"))))
    for upload in rows.filter(Q(counts__refused__gt=0) | Q(about__unsure__gt=0))[:MOST_IMPORTS]:
        where = address(Import, "change", upload.pk)
        questions, unsure = len(upload.about.get("questions", ())), upload.about.get("unsure", 0)
        refused, only = upload.counts.get("refused", 0), f"{where}?verdict=refused"
        if upload.state == Import.State.READ:
            refused -= upload.about.get("unanswered", 0)
            yield counted(questions, f"question about {upload}", f"questions about {upload}", where)
        yield counted(refused, f"record refused in {upload}", f"records refused in {upload}", only)
        yield counted(unsure, f"record to check in {upload}", f"records to check in {upload}", where)


def pairs(user):
    """Yield the numbers of likely duplicates, if ``user`` may merge."""
    if permissions.may(user, "merge"):
        for model, likely in ((Project, duplicates.alike_projects()), (Organisation, duplicates.alike_organisations())):
            name = model._meta.verbose_name_plural
            words = f"possible duplicate among {name}", f"possible duplicates among {name}"
            yield counted(len(likely), *words, address(model, "duplicates"))


def narrowed(user, state=State.PUBLISHED, **more):
    """Return the parameters of the list of projects in a state, in the user's countries."""
    own = {} if permissions.territory(user) is None else {"own": "yes"}
    return {"state__exact": str(state)} | own | more


def quality_table(user):
    """Return the number of published projects that each quality rule finds, by country and in total.

    ``{"columns": labels, "rows": [(rule, [(label, number, address)])]}``.
    """
    day, codes = timezone.now().date(), permissions.territory(user)
    projects = current_register().projects
    projects = projects if codes is None else projects.having("country", codes)
    columns = [("All projects" if codes is None else "All of your countries", projects, {})]
    columns += [
        (name, rows, {"countries__code__exact": code})
        for code, name in projects.register.choices("country").items()
        if (rows := projects.having("country", [code])).count() and (codes is None or code in codes)
    ]

    def cells(rule):
        found = rules.found_among(projects, rule, day)
        for label, rows, more in columns:
            number = found.within(rows.selected).count()
            yield label, number, address(Project, **narrowed(user, quality=rule.name, **more))

    rows = [(rule, list(cells(rule))) for rule in rules.RULES]
    return {"columns": [label for label, *_ in columns], "rows": rows}


def latest():
    """Return ``[(revision, title of its record, address of its history)]`` of the newest Revisions."""
    return [
        (revision, log.title_of(revision), address(log.model_of(revision), "history", revision.key))
        for revision in Revision.objects.order_by("-id")[:LATEST]
    ]
