"""Query strings: their parameters, the rows of the index that match, and the facets.

How rows are found, counted and summed is in ``index``.
"""
