"""Between documents and tables: the register's lock, its rules, the log of Revisions. It checks no permissions."""
