"""Full dumps of the register and the catalogue of all data, at ``/data/``.

Files of filtered lists are in ``exports``; reading a dump back is in ``provenance.dump``.
"""
