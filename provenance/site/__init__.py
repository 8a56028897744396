"""The admin's site: its menus, refusals and sign-in.

It is loaded before any model, so it imports nothing here.
"""
