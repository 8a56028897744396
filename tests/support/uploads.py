"""Files that are uploaded, read and confirmed, without the pages that do it."""

from imports import lifecycle, worker


def uploaded(user, content=b"slug,title\nnexus,Other\n", name="table.csv", **choices):
    batch = lifecycle.bring(user, name, [content])
    lifecycle.read_again(batch, **choices)
    worker.start(batch)
    return batch


def confirmed(batch, user, **choices):
    assert lifecycle.confirm(batch, user, **choices) == ""
    worker.start(batch)
    return batch
