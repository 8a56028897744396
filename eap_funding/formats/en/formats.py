"""How the admin writes a moment: the same everywhere, with its zone."""

DATETIME_FORMAT = "j M Y, H:i T"  # 24 Nov 2026, 05:00 UTC
