"""Two administrators who change the same: nothing is overwritten in silence."""

from datetime import UTC, datetime

import pytest
from django.contrib.auth.models import Group, User

from instruments.models import Country, Delegation
from tests.support.staff import PUBLISHED, address, faults, filled, somebody

pytestmark = pytest.mark.django_db
JOINED = {
    "date_joined_0": "2026-01-31",
    "date_joined_1": "12:00:00",
}  # two inputs that tests.support.staff knows as one


@pytest.mark.parametrize("model", [Delegation, User])
def test_what_another_administrator_changed_is_not_overwritten_in_silence(client, model):
    """The second is told what stands; what they typed is saved if they send it again."""
    client.force_login(User.objects.create_superuser("root"))
    for code, name in (("AM", "Armenia"), ("GE", "Georgia"), ("AZ", "Azerbaijan")):
        Country.objects.get_or_create(code=code, defaults={"name": name, "state": PUBLISHED})
    bert = somebody("editor", name="bert", countries=["AM"])
    User.objects.update(date_joined=datetime(2026, 1, 31, 12, tzinfo=UTC))
    edited, field = (bert.delegations.get(), "countries") if model is Delegation else (bert, "groups")
    ids = {group.name: str(group.pk) for group in Group.objects.all()}
    old, theirs, mine = (["AM"], ["AM", "GE"], ["AM", "AZ"]) if model is Delegation else (
        [ids["editor"]], [ids["publisher"]], [ids["viewer"]]
    )  # fmt: skip
    page = address(model, "change", edited.pk)
    data = filled(client.get(page)) | JOINED
    assert data[field] == old
    assert client.post(page, data | {field: theirs}).status_code == 302
    response = client.post(page, data | {field: mine})
    assert "Somebody else has changed this since you opened it" in faults(response)
    assert ("Georgia" if model is Delegation else "publisher") in faults(response)
    assert {str(one.pk) for one in getattr(edited, field).all()} == set(theirs)
    assert filled(response)[field] == mine
    assert client.post(page, filled(response) | JOINED).status_code == 302
    assert {str(one.pk) for one in getattr(edited, field).all()} == set(mine)


def test_new_delegation_begins_with_the_values_of_its_address(staff):
    anna = User.objects.get(username="anna")
    query = f"?name=Chisinau&countries=MD,nowhere&members={anna.pk},everybody,{'9' * 30}"
    page = staff.get(address(Delegation, "add") + query).content.decode()
    assert 'value="Chisinau"' in page
    assert '<option value="MD" selected>' in page
    assert f'<option value="{anna.pk}" selected>anna</option>' in page
    assert ">everybody<" not in page


def test_member_that_is_no_user_is_refused(staff):
    response = staff.post(address(Delegation, "add"), {"name": "Chisinau", "members": "NaN"})
    assert "“NaN” is not a valid value" in faults(response)
