"""Full dumps of the register, their list, and the catalogue of all its data. Files with filters are in ``exports``."""
