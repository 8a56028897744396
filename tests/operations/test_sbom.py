"""The list of what a release is made of has every package that is installed with it, with a licence."""

import json

import pytest

from tests import sbom

pytestmark = pytest.mark.one_database


def test_every_pinned_package_is_listed_with_a_licence():
    listing, licences = sbom.sbom()
    assert (listing["bomFormat"], listing["metadata"]["component"]["name"]) == ("CycloneDX", "eap-funding")
    listed = {sbom.plain(each["name"]) for each in listing["components"]}
    assert {"django", "numpy", "psycopg2-binary"} <= listed
    assert "pytest" not in listed
    by_npm = json.loads((sbom.ROOT / "package.json").read_text(encoding="utf-8"))["dependencies"]
    assert set(by_npm) == {each["name"] for each in listing["components"] if each["purl"].startswith("pkg:npm/")}
    assert [name for name, licence in licences.items() if not licence] == []
    refs = {each["bom-ref"] for each in listing["components"]}
    assert {ref for each in listing["dependencies"] for ref in each.get("dependsOn", [])} <= refs


def test_package_that_no_database_was_asked_about_is_not_judged(monkeypatch):
    skipped = {"dependencies": [{"name": "django", "skip_reason": "not found on PyPI"}]}
    weak = {"dependencies": [{"name": "django", "version": "5.2", "vulns": [{"id": "CVE-1"}]}]}
    for answer, expected in (
        (json.dumps(skipped), ([], ["django"])), (json.dumps(weak), (["django 5.2: CVE-1"], [])), ("", ([], sorted(name for name, _version in sbom.pinned()))),
    ):  # fmt: skip
        monkeypatch.setattr(sbom, "run", lambda *_, answer=answer: type("Done", (), {"stdout": answer}))
        assert sbom.weaknesses() == expected
