"""The index in memory: which projects, how many and how much, by following the log of Revisions."""
