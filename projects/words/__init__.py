"""How the values of projects are put in words: dates, sums, headings, search terms, glossary.

Nothing here reads or writes the database.
"""
