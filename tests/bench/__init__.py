"""How fast the register answers, beside the limit of what it stands on: ``make bench``. See docs/performance.md."""
