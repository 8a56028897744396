"""The admin's site: its menus, refusals and sign-in. Loaded before any model, so nothing is imported here."""
