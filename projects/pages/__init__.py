"""The public pages and the feed. Words and layout are in the templates."""
