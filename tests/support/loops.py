"""A loop that asserts proves nothing where it does not run."""


def at_least_one(rows):
    """Return ``rows`` as a list; fail where there are none."""
    listed = list(rows)
    assert listed, "There is nothing to look at here."
    return listed
