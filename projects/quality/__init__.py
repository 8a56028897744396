"""Quality rules, likely duplicates, and merging. Nothing changes without a decision by staff."""
