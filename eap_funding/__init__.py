"""The site: settings, addresses, home page, errors and languages. What it shows is in the other apps."""
