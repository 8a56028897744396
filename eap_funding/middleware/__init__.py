"""HTTP around every response: limits, headers, compression, caching and the log, in the order of two sequences.

`envelope` is around everything, `response` around the views. None decides what a page contains.
"""
