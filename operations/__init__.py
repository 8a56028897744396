"""Running the site: backups, measurements, and when a nightly job last ran.

It changes no record. Where operators see all this is in ``eap_funding.pages.status`` and the admin.
"""
