"""What pages, files and the API share: published records and their claims, recent changes, redirects.

They differ in format only, never in which records they show.
"""
