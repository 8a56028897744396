"""The register of projects: what is paid for what, where and by whom, and every way to read it.

How files come in is in ``imports``; where a value comes from, and how a change is written, in ``provenance``.
"""
