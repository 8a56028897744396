"""Between documents and tables: the register's lock, its rules, the log of Revisions. Who may write is not asked."""
