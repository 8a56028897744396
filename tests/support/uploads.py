"""Files that are uploaded, read and confirmed, without the pages that do it."""

from contextlib import contextmanager

from imports import lifecycle, queue, worker


def uploaded(user, content=b"slug,title\nnexus,Other\n", name="table.csv", **choices):
    batch = lifecycle.upload(user, name, [content])
    lifecycle.read_again(batch, **choices)
    worker.start(batch)
    return batch


def confirmed(batch, user, **choices):
    assert lifecycle.confirm(batch, user, **choices) == ""
    worker.start(batch)
    return batch


@contextmanager
def works(folder, number, **options):
    """Hold the lock of an import and, if it comes, its turn."""
    with queue.alone(folder, number):
        yield queue.turn(folder, number, **options)
