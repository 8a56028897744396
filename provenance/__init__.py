"""Where each value comes from, and what the register contained when: records, sources, claims, Revisions.

It knows no other app: what a kind of record contains is declared in the ``members`` of its model.
"""
