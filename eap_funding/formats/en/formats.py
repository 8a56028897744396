"""How the admin writes times: always with the time zone."""

DATETIME_FORMAT = "j M Y, H:i T"  # 24 Nov 2026, 05:00 UTC
