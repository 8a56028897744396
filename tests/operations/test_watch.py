"""What those who run the site see of it: metrics, warnings, log lines and mail, without anything of people."""

import json
import logging
import re
import runpy
import socket
import struct
from datetime import timedelta
from ipaddress import ip_network
from types import SimpleNamespace

import pytest
from django.contrib.auth.models import User
from django.core import mail
from django.core.management import call_command
from django.utils import timezone
from gunicorn.config import Config
from gunicorn.glogging import Logger

from eap_funding.logs import ErrorMail, JsonLines, shortened
from eap_funding.middleware import request_log
from operations import metrics, runs
from operations.models import Run
from projects.models import Project
from provenance.models import Revision, State
from provenance.store.log import set_state
from tests.support.loops import at_least_one
from tests.support.staff import somebody

pytestmark = pytest.mark.django_db
TOKEN = {"HTTP_AUTHORIZATION": "Bearer of-the-watcher"}


@pytest.fixture
def watched(settings):
    settings.METRICS_TOKEN = "of-the-watcher"


@pytest.fixture
def backed_up(settings, tmp_path):
    """A site with backups, whose nightly jobs just ran."""
    settings.BACKUP_DIR = tmp_path
    for name in runs.JOBS:
        Run.objects.create(name=name, at=timezone.now(), is_ok=True)


def values(client, **more):
    """``{name with labels: value}`` of /metrics."""
    lines = client.get("/metrics", **more).content.decode().splitlines()
    return dict(line.rsplit(" ", 1) for line in lines if not line.startswith("#"))


# -- Who may see --


@pytest.mark.parametrize(
    "given", [{}, {"HTTP_AUTHORIZATION": "Bearer x"}, {"HTTP_AUTHORIZATION": "Bearer "}, {"REMOTE_ADDR": "192.0.2.9"}]
)
def test_metrics_are_nobodys_unless_a_setting_says_so(client, given):
    assert client.get("/metrics", **given).status_code == 404


def test_metrics_are_shown_to_the_token(client, watched):
    assert client.get("/metrics", **TOKEN).status_code == 200
    assert client.get("/metrics", HTTP_AUTHORIZATION="Bearer other").status_code == 404
    assert client.get("/metrics").headers["Cache-Control"] in ("no-cache", "no-store")


def test_metrics_are_shown_to_the_network(client, settings):
    settings.METRICS_NETWORKS = [ip_network("192.0.2.0/28"), ip_network("2001:db8::/32")]
    statuses = {
        address: client.get("/metrics", REMOTE_ADDR=address).status_code
        for address in ("192.0.2.9", "192.0.2.99", "2001:db8::1", "2001:db9::1", "")
    }
    assert statuses == {"192.0.2.9": 200, "192.0.2.99": 404, "2001:db8::1": 200, "2001:db9::1": 404, "": 404}


def test_network_is_that_of_the_client_and_not_of_the_proxy(client, settings):
    settings.METRICS_NETWORKS, settings.BEHIND_PROXY = [ip_network("127.0.0.1")], True
    assert client.get("/metrics", HTTP_X_FORWARDED_FOR="192.0.2.9").status_code == 404


# -- Metrics --


def test_requests_are_counted_by_kind_and_status(client, register, watched):
    asked = ["/projects/", "/projects/nothing/", "/api/v1/projects/", "/projects.csv", "/admin/login/", "/healthz"]
    before = values(client, **TOKEN)
    for address in asked:
        b"".join(client.get(address))
    after = values(client, **TOKEN)
    grown = {name: float(after[name]) - float(before[name]) for name in after if name.startswith("eap_requests_total")}
    expected = {
        ("page", "2xx"): 1, ("page", "4xx"): 1, ("api", "2xx"): 1, ("file", "2xx"): 1, ("admin", "2xx"): 1,
        ("operation", "2xx"): 2,
    }  # fmt: skip
    assert grown == {
        f'eap_requests_total{{kind="{kind}",status="{status}"}}': expected.get((kind, status), 0)
        for kind in metrics.KINDS for status in metrics.CLASSES
    }  # fmt: skip
    name = 'eap_request_seconds_bucket{kind="page",le="+Inf"}'
    assert float(after[name]) - float(before[name]) == 2
    size = 'eap_response_bytes_total{kind="file"}'
    assert float(after[size]) > float(before[size])


def test_each_class_of_status_is_counted_as_itself(client, register, watched):
    before = values(client, **TOKEN)
    for status in (200, 304, 404, 429, 500, 503):
        metrics.count("file", status, 0.1, 10)
    after = values(client, **TOKEN)
    names = [f'eap_requests_total{{kind="file",status="{each}"}}' for each in metrics.CLASSES]
    assert [float(after[name]) - float(before[name]) for name in names] == [1, 1, 2, 2]


def test_pages_that_were_kept_are_counted(client, register, watched):
    before = values(client, **TOKEN)
    for _ in range(3):
        client.get("/")
    after = values(client, **TOKEN)
    counted = [f'eap_page_cache_total{{result="{result}"}}' for result in metrics.RESULTS]
    assert [float(after[name]) - float(before[name]) for name in counted] == [2, 1]


def test_metrics_tell_of_register_and_jobs(client, register, watched, backed_up):
    Run.objects.filter(name="check").update(is_ok=False, at=timezone.now() - timedelta(hours=1))
    metrics = values(client, **TOKEN)
    assert metrics["eap_database_up"] == "1"
    assert metrics["eap_index_projects"] == "8"
    assert metrics["eap_register_version"] == str(Revision.objects.public().latest("id").pk)
    assert metrics['eap_imports{state="reading"}'] == "0"
    assert metrics['eap_job_ok{task="check"}'] == "0"
    assert 3600 <= int(metrics['eap_job_age_seconds{task="check"}']) < 3700


def test_text_is_what_prometheus_reads(client, register, watched):
    response = client.get("/metrics", **TOKEN)
    assert response.headers["Content-Type"] == "text/plain; version=0.0.4; charset=utf-8"
    line = re.compile(
        r'[a-z_]+(\{[a-z_]+="[^"]*"(,[a-z_]+="[^"]*")*\})? [0-9.e+-]+|# TYPE [a-z_]+ (counter|gauge|histogram)'
    )
    assert [each for each in response.content.decode().splitlines() if not line.fullmatch(each)] == []


# -- Warnings --


def test_site_without_backups_warns_of_nothing(client, db, watched):
    assert runs.warnings() == []
    assert client.get("/readyz", **TOKEN).content == b"ready\n"


def test_jobs_that_never_ran_are_warned_of(settings, tmp_path):
    settings.BACKUP_DIR = tmp_path
    assert runs.warnings() == [
        "No backup has been made yet.",
        "No dump has been made yet.",
        "No check of the register has been made yet.",
    ]


def test_old_backup_is_warned_of_and_the_site_stays_ready(client, watched, backed_up):
    assert runs.warnings() == []
    Run.objects.filter(name="backup").update(at=timezone.now() - timedelta(hours=27))
    response = client.get("/readyz", **TOKEN)
    assert response.status_code == 200
    assert response.content == b"ready\nwarning: The newest backup is 27 hours old.\n"
    assert client.get("/readyz").content == b"ready\n"


def test_check_that_fails_is_warned_of_until_one_succeeds(register, backed_up):
    Revision.objects.filter(kind="project").update(document="{}")
    with pytest.raises(SystemExit):
        call_command("check_register", verbosity=0)
    assert runs.warnings() == ["The newest check of the register found something wrong."]


def test_dump_notes_that_it_ran(register, settings, tmp_path):
    settings.DUMPS_DIR, settings.BACKUP_DIR = tmp_path / "dumps", tmp_path
    call_command("write_dumps")
    assert Run.objects.get(name="dump").is_ok


def test_first_page_warns_administrators_only(client, register, settings, tmp_path):
    settings.BACKUP_DIR = tmp_path
    for role, is_warned in (("administrator", True), ("editor", False)):
        client.force_login(somebody(role, name=role))
        assert ("No backup has been made yet." in client.get("/admin/").content.decode()) is is_warned


# -- Log --


def lines(log):
    return [json.loads(line) for line in log.getvalue().splitlines()]


@pytest.fixture
def json_log(log, settings):
    """What the log holds with LOG_FORMAT=json and LOG_REQUESTS=true."""
    settings.LOG_REQUESTS = True
    [handler] = [each for each in logging.getLogger().handlers if getattr(each, "stream", None) is log]
    before, handler.formatter = handler.formatter, JsonLines()
    yield log
    handler.formatter = before


def test_request_is_one_line_of_json(client, register, json_log):
    client.get("/projects/?q=border", REMOTE_ADDR="192.0.2.77", headers={"x-request-id": "one"})
    [line] = lines(json_log)
    assert {name: line[name] for name in ("kind", "method", "path", "status", "user", "request", "address")} == {
        "kind": "page", "method": "GET", "path": "/projects/", "status": 200, "user": None, "request": "one",
        "address": "192.0.2.0",
    }  # fmt: skip
    assert line["ms"] > 0
    assert line["bytes"] > 1000
    assert line["version"] == Revision.objects.public().latest("id").pk
    assert "border" not in json_log.getvalue()


def test_server_itself_writes_lines_of_json(monkeypatch, capsys):
    monkeypatch.setenv("LOG_FORMAT", "json")
    monkeypatch.setattr("eap_funding.wsgi.warm", lambda: None)
    monkeypatch.setattr(logging.getLogger("gunicorn.error"), "handlers", [])
    log = Logger(Config())
    runpy.run_path("gunicorn.conf.py")["when_ready"](SimpleNamespace(LISTENERS=[], log=log))
    log.error("Worker (pid:%s) was sent SIGKILL!", 42)
    [line] = "".join(capsys.readouterr()).splitlines()
    assert json.loads(line)["message"] == "Worker (pid:42) was sent SIGKILL!"


def test_cache_says_what_it_did(client, register, json_log):
    known = client.get("/").headers["ETag"]
    client.get("/")
    client.get("/", headers={"if-none-match": known})
    assert [line["cache"] for line in lines(json_log)] == ["miss", "hit", "unchanged"]


def test_streamed_file_is_logged_with_its_size_once_it_is_sent(client, register, json_log):
    response = client.get("/projects.ndjson")
    size = len(b"".join(response))
    assert size
    response.close()
    assert [line["bytes"] for line in lines(json_log)] == [size]


def test_log_of_staff_holds_numbers_and_no_names_or_addresses_or_searches(client, register, json_log):
    user = User.objects.create_superuser("anna.smith", password="correct horse battery")
    given = {"username": "anna.smith", "password": "correct horse battery"}
    client.post(
        "/admin/login/?next=/admin/&secret=x", given | {"password": "wrong-password"}, REMOTE_ADDR="198.51.100.7"
    )
    client.post("/admin/login/", given, REMOTE_ADDR="198.51.100.7")
    client.get("/admin/projects/project/?q=somebody", REMOTE_ADDR="198.51.100.7")
    text = json_log.getvalue()
    assert [line["event"] for line in lines(json_log) if "event" in line][:2] == ["sign-in failed", "signed in"]
    assert lines(json_log)[-1]["user"] == user.pk
    for word in ("anna", "wrong-password", "198.51.100.7", "secret", "somebody"):
        assert word not in text


def test_publication_is_an_event(register, json_log, django_capture_on_commit_callbacks):
    with django_capture_on_commit_callbacks(execute=True):
        set_state(Project, ["nexus"], State.WITHDRAWN, user_name="anna", reason="It was a mistake.")
    [line] = lines(json_log)
    assert (line["event"], line["kind"], line["records"]) == ("withdrawn", "project", 1)
    assert "anna" not in json_log.getvalue()


def test_address_is_shortened():
    short = [shortened(each) for each in ("192.0.2.77", "2001:db8:1:2::/64", "unknown")]
    assert short == ["192.0.2.0", "2001:db8:1::", "unknown"]


def test_nothing_is_logged_of_requests_unless_asked(client, register, log):
    client.get("/projects/")
    assert log.getvalue() == ""


def test_long_path_is_cut(client, register, json_log):
    client.get(f"/{'x' * 5000}/")
    assert len(lines(json_log)[-1]["path"]) == request_log.LONGEST


# -- Mail --


def fail(request_id):
    try:
        raise ValueError("anna@example.org")
    except ValueError:
        logging.getLogger("django.request").exception("Internal Server Error: /admin/?secret=%s", request_id)


def test_error_is_mailed_without_what_it_says(settings):
    settings.ADMINS = [("", "operator@example.org")]
    handler = ErrorMail()
    logging.getLogger("django.request").addHandler(handler)
    try:
        fail("one")
        fail("two")
    finally:
        logging.getLogger("django.request").removeHandler(handler)
    [message] = mail.outbox
    assert message.to == ["operator@example.org"]
    assert "ValueError" in message.body
    assert "test_watch.py" in message.body
    assert "in fail" in message.body
    for word in ("anna", "secret", "one"):
        assert word not in message.body + message.subject


# -- Read-only --


def test_read_only_refuses_forms_and_lets_people_sign_in_and_read(client, register, settings):
    settings.READ_ONLY = "Until noon, because we move."
    user = User.objects.create_superuser("anna", password="correct horse battery")
    signed_in = client.post("/admin/login/", {"username": "anna", "password": "correct horse battery"})
    assert signed_in.status_code == 302
    page = client.get("/admin/")
    assert "Until noon, because we move." in page.content.decode()
    before = Revision.objects.count()
    refused = client.post("/admin/projects/project/nexus/change/", {"title": "x"})
    assert refused.status_code == 403
    assert "Until noon, because we move. Nothing was saved." in refused.content.decode()
    assert Revision.objects.count() == before
    assert client.get("/projects/nexus/").status_code == 200
    assert user.pk


def test_half_a_request_is_hung_up_on_and_logged_by_no_traceback(monkeypatch, capsys):
    monkeypatch.setattr("eap_funding.wsgi.warm", lambda: None)
    server, log = runpy.run_path("gunicorn.conf.py"), SimpleNamespace(error_log=logging.getLogger())
    with socket.create_server(("127.0.0.1", 0)) as listener:
        server["when_ready"](SimpleNamespace(LISTENERS=[SimpleNamespace(sock=listener)], log=log))
        with socket.create_connection(listener.getsockname()), listener.accept()[0] as accepted:
            seconds, _ = struct.unpack("ll", accepted.getsockopt(socket.SOL_SOCKET, socket.SO_RCVTIMEO, 16))
    assert seconds == server["UNSENT"]
    for error, is_logged in at_least_one(((BlockingIOError(), False), (TimeoutError(), False), (OSError(), True))):
        record = logging.LogRecord("", logging.ERROR, "", 0, "Socket error", (), (type(error), error, None))
        assert server["is_no_hang_up"](record) is is_logged
    record = logging.LogRecord("", logging.ERROR, "", 0, "Another error", (), (TimeoutError, TimeoutError(), None))
    assert server["is_no_hang_up"](record)
