"""Sessions and lockout. What each role may do is in ``provenance.workflow``."""
