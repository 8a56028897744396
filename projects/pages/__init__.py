"""The public pages, as HTML, and the feed. Words and layout stand in templates."""
