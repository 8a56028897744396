"""Each alert in deploy/ fires when its cause is made, and no other does, as Prometheus' own promtool judges."""

import json
import re
import shutil
import subprocess
from datetime import timedelta

import pytest
from django.core.management import call_command
from django.db import OperationalError
from django.utils import timezone

from eap_funding.middleware import request_log
from imports.models import Import
from operations import runs
from operations.models import Run
from projects.index import follower
from provenance.models import AuditEntry, Revision
from provenance.store import audit
from tests.conftest import NO_PROMTOOL
from tests.operations.conftest import DEPLOY
from tests.support.loops import at_least_one

pytestmark = [pytest.mark.django_db, pytest.mark.one_database]
PROMTOOL = shutil.which("promtool")
needs_promtool = pytest.mark.skipif(not PROMTOOL, reason=NO_PROMTOOL)
TOKEN = "of-the-watcher"
LONG = 90  # minutes for which a cause lasts


@pytest.fixture
def watched(register, settings):
    """A site whose nightly jobs just ran."""
    settings.METRICS_TOKEN = TOKEN
    for name in runs.JOBS:
        Run.objects.create(name=name, at=timezone.now(), is_ok=True)
    audit.note(None, "tested", "user 1")


def scraped(client):
    """Return /metrics as Prometheus keeps it: ``{series: value}``, with the labels of its target."""
    text = client.get("/metrics", HTTP_AUTHORIZATION=f"Bearer {TOKEN}").content.decode()
    series = {'up{job="register"}': 1.0}
    for line in text.splitlines():
        if not line.startswith("#"):
            name, _, value = line.rpartition(" ")
            labels = re.findall(r'(\w+)=("[^"]*")', name)
            # Prometheus renames labels that its own have the names of
            labels = [(f"exported_{label}" if label in ("job", "instance") else label, text) for label, text in labels]
            within = ",".join(f"{label}={text}" for label, text in [("job", '"register"'), *labels])
            series[f"{name.partition('{')[0]}{{{within}}}"] = float(value)
    return series


def firing(before, after, tmp_path):
    """Return the alerts that fire after LONG minutes in which counters rise each minute as between two scrapes."""
    series = []
    for name in after:
        is_counter = re.match(r"eap_\w+_(total|bucket|sum|count)\b", name)
        step = after[name] - before.get(name, 0) if is_counter else 0
        series.append({"series": name, "values": f"{before.get(name, after[name]):f} {after[name]:f}+{step:f}x{LONG}"})
    shutil.copy(DEPLOY / "alerts.yml", tmp_path)
    expected = {"expr": 'sum by (alertname) (ALERTS{alertstate="firing"})', "eval_time": f"{LONG}m", "exp_samples": []}
    test = {"interval": "1m", "input_series": series, "promql_expr_test": [expected]}
    content = {"rule_files": ["alerts.yml"], "evaluation_interval": "1m", "tests": [test]}
    (tmp_path / "test.yml").write_text(json.dumps(content))  # JSON is YAML
    done = subprocess.run([PROMTOOL, "test", "rules", "test.yml"], cwd=tmp_path, capture_output=True, text=True)
    output = done.stdout + done.stderr
    names = re.findall(r'alertname="(\w+)"', output)  # what promtool got, where nothing is expected
    assert names or done.returncode == 0, output
    return names


def database_is_away(client, monkeypatch):
    def away(*_):
        raise OperationalError("no connection")

    monkeypatch.setattr(follower, "current_register", away)


def requests_fail(client, monkeypatch):
    with monkeypatch.context() as broken:
        broken.setattr("projects.pages.cache.HttpResponse", None)
        client.raise_request_exception = False
        for _ in range(3):
            client.get("/projects/")  # kept: the second cannot be sent
        client.raise_request_exception = True


def pages_take_long(client, monkeypatch):
    clock = iter(range(0, 10_000, 2))
    with monkeypatch.context() as slow:
        slow.setattr(request_log.time, "perf_counter", lambda: next(clock))
        client.get("/projects/")


def backup_is_old(client, monkeypatch):
    Run.objects.filter(name="backup").update(at=timezone.now() - timedelta(hours=27))


def no_backup_was_ever_made(client, monkeypatch):
    Run.objects.filter(name="backup").delete()


def register_was_changed(client, monkeypatch):
    Revision.objects.filter(kind="project").update(document="{}")
    with pytest.raises(SystemExit):
        call_command("check_register", verbosity=0)


def audit_log_is_cut(client, monkeypatch):
    AuditEntry.objects.all()._raw_delete("default")


def imports_wait(client, monkeypatch):
    for number in range(6):
        state = Import.State.READING if number == 0 else Import.State.UPLOADED
        Import.objects.create(
            kind="table", file_name="x.csv", digest="0" * 64, size=1, user_name="x", state=state, at=timezone.now()
        )


@needs_promtool
@pytest.mark.parametrize(
    ("cause", "alert"),
    [
        (lambda *_: None, None), (database_is_away, "RegisterAway"), (requests_fail, "RegisterFails"), (pages_take_long, "RegisterIsSlow"),
        (backup_is_old, "BackupIsOld"), (no_backup_was_ever_made, "BackupIsOld"), (register_was_changed, "CheckFailed"),
        (audit_log_is_cut, "AuditLogIsCut"), (imports_wait, "ImportsWait"),
    ],
)  # fmt: skip
def test_alert_fires_for_its_cause_alone(client, watched, monkeypatch, tmp_path, cause, alert):
    client.get("/projects/")
    before = scraped(client)
    cause(client, monkeypatch)
    assert firing(before, scraped(client), tmp_path) == ([alert] if alert else [])


@needs_promtool
def test_alert_fires_if_nothing_answers(tmp_path):
    assert firing({}, {'up{job="register"}': 0.0}, tmp_path) == ["RegisterAway"]


@needs_promtool
def test_promtool_takes_the_files():
    for command in (["check", "rules", "alerts.yml"], ["check", "config", "prometheus.yml"]):
        done = subprocess.run([PROMTOOL, *command], cwd=DEPLOY, capture_output=True, text=True)
        assert done.returncode == 0, done.stdout + done.stderr


def test_every_alert_has_a_reason():
    text = (DEPLOY / "alerts.yml").read_text(encoding="utf-8")
    assert text.count("- alert:") == text.count("reason:") == text.count("summary:") == 7


def test_dashboard_shows_metrics_that_there_are(client, watched):
    panels = json.loads((DEPLOY / "grafana.json").read_text(encoding="utf-8"))["panels"]
    names = {name.partition("{")[0] for name in scraped(client)}
    for panel in at_least_one(panels):
        for target in panel["targets"]:
            assert set(re.findall(r"\beap_\w+", target["expr"])) <= names, panel["title"]
