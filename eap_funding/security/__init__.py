"""Sessions, and who has to wait before a password is checked. What each role may do is in ``provenance.workflow``."""
