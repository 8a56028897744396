"""Where a value comes from, and what the register said when: records, sources, claims, Revisions. It knows no app."""
