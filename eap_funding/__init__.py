"""The site: settings, addresses, home page, errors and languages. The other apps hold the content."""
