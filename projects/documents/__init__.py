"""Project documents in words: dates, sums, queries, search terms. Nothing here uses the database."""
