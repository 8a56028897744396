"""Query strings: their parameters, the rows of the index that match, and the facets."""
