"""Pages about the whole register or the site: home, method, glossary, suggesting a source, sitemap, how the site runs.

They put together what ``projects`` publishes and ``operations`` measures. Pages of records are in ``projects.pages``.
"""
