"""HTTP around every response: limits, headers, compression, caching and the log, in the order of two sequences.

`envelope` is around everything, `answer` around the views. What only staff need is in `staff`.

No middleware decides what a page contains.
"""
