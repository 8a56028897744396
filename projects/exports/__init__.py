"""Files of all matching records: CSV, XLSX, JSON, citations and annotations.

Which records match is decided in ``search``; IATI files are in ``iati``.
"""
