"""What a release is made of, with licences, and whether anything in it has known weaknesses (`make sbom`).

Writes build/sbom.json (CycloneDX) and build/licences.txt. Exit code 1 if a part has no licence or a known weakness.
Where no database of weaknesses can be reached, it says that this was not judged.
"""

import json
import re
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
BUILD = ROOT / "build"
# Packages whose licence is only in a file of theirs, which somebody read
READ = {"uritemplate": "BSD-3-Clause OR Apache-2.0", "resvg_py": "MIT"}


def run(module, *arguments):
    return subprocess.run([sys.executable, "-m", module, *arguments], cwd=ROOT, capture_output=True, text=True)


def plain(name):
    return re.sub(r"[-_.]+", "-", name).lower()


def pinned():
    """Return (name, version) of every package that a release may be installed with, on any Python."""
    text = (ROOT / "requirements.txt").read_text(encoding="utf-8")
    matches = re.findall(r"^([\w.-]+)(?:\[.*?\])?==([^\s;]+)", text, flags=re.MULTILINE)
    return {(plain(name), version) for name, version in matches}


def of_python():
    """Return the SBOM of this environment, without what only developers need."""
    done = run(
        "cyclonedx_py",
        "environment",
        "--no-validate",
        "--pyproject",
        "pyproject.toml",
        "--output-reproducible",
        sys.prefix,
    )
    if done.returncode:
        sys.exit(done.stderr)
    listing, wanted = json.loads(done.stdout), pinned()
    listing["components"] = [each for each in listing["components"] if (plain(each["name"]), each["version"]) in wanted]
    kept = {each["bom-ref"] for each in [*listing["components"], listing["metadata"]["component"]]}
    listing["dependencies"] = [
        each | {"dependsOn": [ref for ref in each.get("dependsOn", []) if ref in kept]}
        for each in listing["dependencies"] if each["ref"] in kept
    ]  # fmt: skip
    return listing


def of_npm():
    """Yield what npm fetches for the pages, such as fonts."""
    packages = json.loads((ROOT / "package-lock.json").read_text(encoding="utf-8"))["packages"]
    for path, each in packages.items():
        if path and not each.get("dev"):
            name = path.removeprefix("node_modules/")
            purl = f"pkg:npm/{name.replace('@', '%40')}@{each['version']}"
            licences = [{"license": {"id": each["license"], "acknowledgement": "declared"}}]
            yield {
                "type": "library", "name": name, "version": each["version"], "purl": purl, "bom-ref": purl, "licenses": licences,
            }  # fmt: skip


def licence_of(component):
    """Return the licence that a component declares, in words; empty if it declares none."""
    names_of_licences = [
        each.get("expression") or each["license"].get("id") or each["license"]["name"]
        for each in component.get("licenses", [])
    ]
    short = [each.rpartition(":: ")[2].split("\n")[0] for each in names_of_licences]
    return " / ".join(dict.fromkeys(short))


def sbom():
    """Return the whole SBOM, and what each part is licensed under, as ``{"name version": licence}``."""
    listing = of_python()
    listing["components"] += of_npm()
    for each in listing["components"]:
        if not each.get("licenses") and each["name"] in READ:
            each["licenses"] = [{"expression": READ[each["name"]], "acknowledgement": "concluded"}]
    return listing, {f"{each['name']} {each['version']}": licence_of(each) for each in listing["components"]}


def weaknesses():
    """Return (known weaknesses as lines, packages that no database was asked about)."""
    done = run(
        "pip_audit",
        "-r",
        "requirements.txt",
        "--disable-pip",
        "--require-hashes",
        "-f",
        "json",
        "--progress-spinner",
        "off",
    )
    try:
        packages = json.loads(done.stdout)["dependencies"]
    except ValueError:
        return [], sorted(name for name, _version in pinned())
    known = [f"{each['name']} {each['version']}: {one['id']}" for each in packages for one in each.get("vulns", [])]
    return known, [each["name"] for each in packages if "skip_reason" in each]  # a mirror may have no database


def main():
    listing, licences = sbom()
    BUILD.mkdir(exist_ok=True)
    (BUILD / "sbom.json").write_text(json.dumps(listing, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
    lines = [f"{name}: {licence or 'NO LICENCE DECLARED'}\n" for name, licence in sorted(licences.items())]
    (BUILD / "licences.txt").write_text("".join(lines), encoding="utf-8")
    print(f"build/sbom.json and build/licences.txt: {len(licences)} parts")
    without = [name for name, licence in licences.items() if not licence]
    known, unjudged = weaknesses()
    for name in without:
        print(f"NO LICENCE DECLARED: {name}. Read its files, and add it to READ in tests/sbom.py")
    for line in known:
        print(f"KNOWN WEAKNESS: {line}")
    if unjudged:
        print(
            f"!!!! Known weaknesses NOT JUDGED for {len(unjudged)} of {len(pinned())} packages: no database could be reached !!!!"
        )
    elif not known:
        print("No known weaknesses")
    return 1 if without or known else 0


if __name__ == "__main__":
    sys.exit(main())
