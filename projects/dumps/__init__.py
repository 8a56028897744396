"""Full dumps of the register, their list, and the catalogue that tells of all data here."""
