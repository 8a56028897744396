"""Files with all matching rows: their contents and formats. Which rows match is decided in ``search``."""
