"""Quality rules, likely duplicates, and merging records.

It finds and proposes; only staff decide.
"""
