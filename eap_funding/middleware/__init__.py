"""HTTP around every response: limits, headers, compression, caching and the log. The settings have the order.

No middleware decides what a page contains.
"""
