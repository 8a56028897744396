"""What HTTP says around every answer. The order, and so who wraps whom, is that of MIDDLEWARE in the settings."""
