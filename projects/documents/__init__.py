"""What is read off a project's document, in words: dates, sums, questions, search terms. It knows no table."""
