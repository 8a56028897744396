"""Signing in: how long sessions last, and when wrong passwords lock an account.

What each role may do is in ``provenance.workflow``.
"""
