"""How often something runs: a loop that asserts, and the calls of a function."""

import sys


def at_least_one(rows):
    """Return ``rows`` as a list; fail where there are none, as a loop that does not run proves nothing."""
    listed = list(rows)
    assert listed, "There is nothing to look at here."
    return listed


def calls(function, *arguments):
    """Return how many functions run when ``function`` does. Unlike seconds, it is the same on a busy machine."""
    number = 0

    def count(_frame, event, _argument):
        nonlocal number
        number += event in ("call", "c_call")

    function(*arguments)  # what is loaded or cached once is
    sys.setprofile(count)
    try:
        function(*arguments)
    finally:
        sys.setprofile(None)
    return number
