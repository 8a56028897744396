"""Countries, instruments, agreements and delegations: what projects refer to.

They know no project. Their public pages, filters and files are in ``projects``.
"""
