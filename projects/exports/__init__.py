"""Files of the whole result: what each holds, how each is written. Nothing here says which rows."""
