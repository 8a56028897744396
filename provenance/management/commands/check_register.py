"""A shell over ``provenance.store.integrity``; the digest is that of ``register_digest``."""

import argparse
import re
import sys

from django.core.management.base import BaseCommand

from provenance.models import Revision
from provenance.store import audit
from provenance.store.integrity import check_register, register_digest
from provenance.store.log import record_models

SHORTEST = 16  # hexadecimal digits: fewer could be met by chance, or by trying


def old_head(text):
    """Return (version or None, head) of ``45:3f9a…``, ``3f9a…`` or ``version 45, seal 3f9a …``."""
    words = rf"(?:(?:version)?([0-9]{{1,18}})[:,])?(?:seal)?([0-9a-f]{{{SHORTEST},64}})"
    match = re.fullmatch(words, "".join(text.lower().split()))
    if not match:
        raise argparse.ArgumentTypeError(
            f"“{text}” is not a seal. Give at least {SHORTEST} of its digits, after its version and a colon if you"
            " know it: 45:3f9ac2…"
        )
    return match[1] and int(match[1]), match[2]


def old_audit_head(text):
    """Return (number or None, digest) of the end of an audit log; ``0:``, of an empty one, says nothing."""
    return (None, "") if text.strip() == "0:" else old_head(text)


class Command(BaseCommand):
    help = (
        "Compares tables, documents, digests and seals, and lists what was changed outside the program. Exit code 1 if"
        " something is wrong."
    )

    def add_arguments(self, parser):
        parser.add_argument(
            "--head", type=old_head, default=(None, ""), metavar="VERSION:SEAL",
            help="a seal that was printed earlier, alone or after its version and a colon",
        )  # fmt: skip
        parser.add_argument(
            "--audit-head", type=old_audit_head, default=(None, ""), metavar="COUNT:DIGEST",
            help="the end of the audit log that this command printed earlier",
        )  # fmt: skip

    def handle(self, **options):
        (version, head), count = options["head"], 0
        for finding in check_register(head, version, options["audit_head"]):
            self.stdout.write(finding)
            count += 1
        records = sum(model.objects.count() for model in record_models())
        of = f"in {records} records and {Revision.objects.count()} Revisions."
        self.stdout.write(f"{count or 'Nothing'} amiss {of}")
        if count:
            sys.exit(1)
        self.stdout.write(f"content digest: {register_digest()}")
        self.stdout.write(f"audit head: {audit.head()}")
