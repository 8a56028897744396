"""A shell over ``projects.dumps``."""

from django.core.management.base import BaseCommand, CommandError

from projects.dumps.writer import AlreadyRunning, OtherRegister, write_dump


class Command(BaseCommand):
    help = "Writes a full dump of the register for /data/, unless this version has one. For cron, every night."

    def handle(self, **options):
        try:
            folder, is_new = write_dump()
        except AlreadyRunning as error:
            self.stdout.write(str(error))
            return
        except (OtherRegister, OSError) as error:
            raise CommandError(str(error)) from None
        if folder is None:
            self.stdout.write("Nothing is public yet, so there is nothing to write.")
        else:
            self.stdout.write(f"Wrote {folder}." if is_new else f"{folder} already exists: nothing to do.")
