"""The admin page of projects that a text may describe. Each becomes a draft in the form, with what a person ticks."""

from django.http import Http404

from projects.models import Project
from provenance.admin import desk
from provenance.workflow import permissions

MOST_SENTENCES = 500  # that are read for one page
BESIDES = ("countries", "budget", "contributions", "start_date")  # a title alone is no project


def suggested_projects(record_admin, request):
    """List the passages of a source's text that may describe a project, and what each may state; 404 without a text."""
    permissions.require(request.user, "add")
    source, edition = desk.source_of(request.GET.get(desk.DEFAULT))
    if not edition:
        raise Http404("No text of this source is kept.")
    reader = record_admin.reader(Project, edition.text)
    first = desk.number(request.GET.get(desk.FROM), len(reader.sentences)) - 1
    passages = reader.passages(first, first + MOST_SENTENCES)
    passages = [each for each in passages if any(offer.member in BESIDES for offer in each.offers)]
    titles = {reader.title_of(each) for each in passages}
    known = dict(Project.objects.filter(title__in=titles).values_list("title", "pk"))
    return record_admin.page(request, "admin/suggested_projects.html", {
        "title": f"Projects in the text of {source}",
        "source": source,
        "edition": edition,
        "next": first + 1 + MOST_SENTENCES if first + MOST_SENTENCES < len(reader.sentences) else None,
        "passages": [
            {"title": title, "known": known.get(title), "sentences": each.sentences,
             "words": reader.text[each.sentences[0].start : each.sentences[-1].end],
             "offers": desk.offers_shown(reader, each)}
            for each in passages for title in [reader.title_of(each)]
        ],
    })  # fmt: skip
