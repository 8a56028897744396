"""Full dumps of the register, and the catalogue of all data. Files with filters are in ``exports``."""
