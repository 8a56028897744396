"""Whatever the description of the API allows is answered as it says, and what it does not allow is refused.

Schemathesis makes the requests from the description: the examples, the edges of each parameter, and invented ones, as
they should be and as they should not, the same each time. Files take the parameters of the lists, so that of these only
the invented are asked. ``FUZZ_EXAMPLES=500`` asks more of each address; ``make check`` asks more than ``make test``.
"""

import orjson
import pytest
import schemathesis
from django.core import signals
from django.db import close_old_connections
from hypothesis import settings
from schemathesis import GenerationMode
from schemathesis.checks import CHECKS

from eap_funding.wsgi import application
from projects.api.schema import openapi
from tests.conftest import EXAMPLES

pytestmark = [pytest.mark.django_db, pytest.mark.one_database, pytest.mark.usefixtures("register_copy")]

OF_THE_API = "^/api/"
CHECKED = {
    "not_a_server_error", "status_code_conformance", "content_type_conformance", "response_schema_conformance",
    "response_headers_conformance", "negative_data_rejection", "unsupported_method", "allow_header_conformance",
}  # fmt: skip


def answered(environ, start_response):
    """The whole answer of the application, closed as a server closes it."""
    body = application(environ, start_response)
    try:
        return [b"".join(body)]
    finally:
        if hasattr(body, "close"):  # a list has not
            body.close()


def says_something(context, case):
    """An empty value counts as absent, and so is no wrong one."""
    given = case.query.values() if isinstance(case.query, dict) else ()
    values = [value for each in given for value in (each or [""] if isinstance(each, list) else [each])]
    return all(not isinstance(value, str) or value.strip() for value in values)


@pytest.fixture(scope="module")
def described():
    """The description, read when it is asked for: each process that collects tests would read it."""
    schema = schemathesis.openapi.from_dict(orjson.loads(openapi()))
    schema.app = answered
    schema.config.generation.update(modes=list(GenerationMode), deterministic=True)
    # A value of the right form may mean nothing here: a country that is not in the register, 30 February.
    schema.config.checks.positive_data_acceptance.enabled = False
    schema.hook("filter_case")(says_something)
    return schema


@pytest.fixture
def described_files(described):
    """Asked for what is invented alone."""
    described.config.phases.coverage.enabled = False
    yield described
    described.config.phases.coverage.enabled = True


@pytest.fixture
def within_the_test(register):
    """Let requests through the WSGI application stay in the transaction of the test, as Django's own client does."""
    ends = (signals.request_started, signals.request_finished)
    for each in ends:
        each.disconnect(close_old_connections)
    yield
    for each in ends:
        each.connect(close_old_connections)


def ask(case):
    case.call_and_validate(headers={"Accept-Encoding": "identity"})


@pytest.mark.slow
@settings(max_examples=EXAMPLES)
@schemathesis.pytest.from_fixture("described").include(path_regex=OF_THE_API).parametrize()
def test_api_any_request(case, within_the_test):
    ask(case)


@settings(max_examples=EXAMPLES)
@schemathesis.pytest.from_fixture("described_files").exclude(path_regex=OF_THE_API).parametrize()
def test_file_any_request(case, within_the_test):
    ask(case)


# -- That it really runs --


def test_fuzz_asks_every_operation(described):
    paths = orjson.loads(openapi())["paths"]
    parts = [
        len(list(each.get_all_operations()))
        for each in (described.include(path_regex=OF_THE_API), described.exclude(path_regex=OF_THE_API))
    ]
    assert sum(parts) == len(paths)
    assert min(parts) >= 14


def test_fuzz_checks_what_it_should(described):
    assert set(CHECKS.get_all_names()) >= CHECKED
    checks = described.config.checks
    assert all(getattr(checks, name).enabled for name in CHECKED)


@pytest.mark.parametrize(
    ("status", "words"), [(500, "Server error"), (418, "Undocumented status code"), (200, "schema")]
)
def test_fuzz_finds_what_is_wrong(within_the_test, described, status, words):
    operation = described["/api/v1/countries/"]["GET"]
    headers = {"Content-Type": "application/json", "X-Request-ID": "1"}

    def wrong(environ, start_response):
        start_response(f"{status} Wrong", list(headers.items()))
        return [b'{"results": [{"code": null}]}']

    with pytest.raises(BaseExceptionGroup) as failures:
        operation.Case(query={}).call_and_validate(app=wrong)
    assert words in str(failures.value)
