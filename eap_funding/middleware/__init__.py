"""HTTP around every response. MIDDLEWARE in the settings sets the order."""
