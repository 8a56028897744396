"""A shell over ``projects.samples``."""

from argparse import ArgumentTypeError

from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError
from tqdm import tqdm

from projects import samples


def _count(text):
    if not (text.isascii() and text.isdigit() and int(text) > 0 and len(text) <= 9):
        raise ArgumentTypeError(f"“{text[:40]}” is not a number of projects. Use a whole number such as 1000.")
    return int(text)


class Command(BaseCommand):
    help = "Adds N invented projects and the records they refer to. The same seed gives the same projects."

    def add_arguments(self, parser):
        parser.add_argument("count", metavar="N", type=_count, help="how many projects to add")
        parser.add_argument("--seed", type=int, default=0, help="a different number gives different projects")
        parser.add_argument("--beside-others", action="store_true", help="add them even if there are real records")

    def handle(self, *, count, seed, beside_others, **options):
        tqdm.monitor_interval = 0  # no extra thread, because processes may be forked
        try:
            with tqdm(total=count, unit=" projects", disable=None) as bar:
                samples.make(count, seed=seed, beside_others=beside_others, progress=bar.update)
        except ValidationError as error:
            raise CommandError(getattr(error, "message", error)) from None
        self.stdout.write(f"Made {count} sample projects.")
