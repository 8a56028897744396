"""Files of a whole result: what each holds and how each is written. Nothing here says which rows."""
