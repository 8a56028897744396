"""Rows of their own for tests of staff's work, and the admin's forms as a browser would send them."""

from django.contrib.auth.models import Group, User
from django.urls import reverse

from instruments.models import Country, Delegation, Instrument, Partnership
from projects.models import Component, Contribution, Organisation, Participation, Project
from provenance.models import Claim, Revision, Source, State
from tests.support.records import record

DRAFT, PUBLISHED, WITHDRAWN = State.DRAFT, State.PUBLISHED, State.WITHDRAWN


def somebody(*roles, name="bert", countries=()):
    """A user who may sign in with ``roles``, tied to ``countries`` if there are any."""
    user = User.objects.create_user(name, is_staff=True)
    user.groups.set(Group.objects.get_or_create(name=role)[0] for role in roles)
    if countries:
        delegation = Delegation.objects.create(name=f"Delegation of {name}")
        delegation.countries.set(countries)
        delegation.members.add(user)
    return user


def make(model, key, state=PUBLISHED, **columns):
    """A recorded record; its name or title is made from its key."""
    has_title = any(field.name == "title" for field in model._meta.fields)
    columns.setdefault("title" if has_title else "name", f"The {key}")
    row = model.objects.create(pk=key, state=state, **columns)
    record(model, [key], user_name="maker")
    return row


def make_frame():
    """A source, a country, an agreement, two instruments and two organisations, all published."""
    make(Source, "paper", title="The paper")
    make(Country, "MD", name="Moldova")
    make(Partnership, "mobility", name="Mobility Partnership", kind="mobility-partnership")
    make(Instrument, "ENI", name="European Neighbourhood Instrument", kind="eu")
    make(Instrument, "NAT", name="National sources", kind="partner-country")
    make(Organisation, "european-union", name="European Union", acronym="EU")
    make(Organisation, "iom", name="International Organisation", acronym="IOM")


def make_project(slug="nexus", parts=1, **columns):
    """A recorded project with ``parts`` each of contributions, components, participations and claims."""
    project = make(Project, slug, **columns)
    project.countries.add("MD")
    names = [f"{slug}-{number}" for number in range(1, parts + 1)]
    for number, name in enumerate(names, 1):
        Organisation.objects.create(slug=name, name=f"Organisation {number}", state=PUBLISHED)
        Contribution.objects.create(project=project, funder_id=name, instrument_id="NAT")
        component = Component.objects.create(project=project, number=number, title=f"part {number}")
        Participation.objects.create(project=project, organisation_id=name, role="partner", component=component)
        Source.objects.create(slug=name, title=f"Source {number}", state=PUBLISHED)
        Claim.objects.create(record=project, field="title", as_stated="b", quote="a b c", source_id=name)
    for model in (Source, Organisation):
        record(model, names, user_name="maker")
    record(Project, [slug], user_name="maker")
    return Project.objects.get(pk=slug)


def address(model, page="changelist", *arguments):
    return reverse(f"admin:{model._meta.app_label}_{model._meta.model_name}_{page}", args=arguments)


def page_of(record):
    """The address of the form of a record, or of the page of a proposal."""
    return address(type(record), "change", record.pk)


def filled(response):
    """What a browser would send if the form on the page were sent as it stands."""
    data = fields_of(response.context["adminform"].form)
    for inline in response.context["inline_admin_formsets"]:
        data |= fields_of(inline.formset.management_form)
        for form in inline.formset.forms:
            data |= fields_of(form)
    return data


def fields_of(form):
    values = {field.html_name: field.value() for field in form}
    return {name: _typed(value) for name, value in values.items() if value is not None and value is not False}


def _typed(value):
    if value is True:
        return "on"
    return [str(one) for one in value] if isinstance(value, list) else str(value)


def row(prefix, number, /, **values):
    """One row inline."""
    return {f"{prefix}-{number}-{name}": value for name, value in values.items()}


def sent(client, record, **changes):
    """Open the record's page, change what is given there, and send it."""
    page = page_of(record)
    response = client.get(page)
    assert response.status_code == 200
    return client.post(page, filled(response) | changes)


def change(client, record, **changes):
    """As ``sent``, and confirm what readers will see."""
    return confirm(client, sent(client, record, **changes))


def confirm(client, response):
    """Confirm (or propose) what the page shows first; any other answer is given back as it is."""
    return press(client, response) if response.context and "marker" in response.context else response


def press(client, response, **more):
    """Send the page that is shown before saving, with what was typed before."""
    about = response.context
    carried = {"_typed": about["typed"], **dict(about.get("chosen", ())), about["marker"]: about["newest"]}
    if about["marker"] == "_confirmed":
        carried["reason"] = about["typed_reason"] or "Because."
    if "publication" in about:
        carried["publish"] = about["publication"]["shown"]
    return client.post(about["request"].get_full_path(), carried | more)


def act(client, model, action, *keys, **more):
    """Choose an action for the rows ``keys`` of a list, and confirm what it shows first."""
    data = {"action": action, "_selected_action": keys, "index": 0, "reason": "Because.", "post": "yes", **more}
    response = client.post(address(model), data, follow=True)
    if action != "publish" or "publication" not in (response.context or ()):
        return response
    return client.post(address(model), data | {"publish": response.context["publication"]["shown"]}, follow=True)


def publish(client, record, **more):
    """Open the page that publishes a record, and press its button; also where it has none."""
    page = address(type(record), "publish", record.pk)
    shown = client.get(page).context["publication"]["shown"]
    return client.post(page, {"publish": shown, **more}, follow=True)


def messages(response):
    """The messages that the page shows, as one text."""
    return "\n".join(str(message) for message in response.context["messages"])


def faults(response):
    """All that the refused form says, as one text."""
    return "\n".join(str(error) for error in response.context["errors"])


def last(kind, key):
    return Revision.objects.filter(kind=kind, key=key).first()
