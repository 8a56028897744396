"""What pages, files and API share: published records as documents, their claims, recent changes, moved addresses.

Each of them adds its form; none decides which records there are.
"""
