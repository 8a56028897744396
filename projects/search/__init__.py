"""Query strings: what each parameter takes, which rows of the index it means, and what could be chosen next."""
