"""The public pages of projects and other records, the feeds, and what other sites embed.

Words and layout are in the templates; which records a page shows is decided in ``search`` and ``published``.
"""
