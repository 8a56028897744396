"""Files that people bring: read into items, shown before anything is written, then written all or not at all."""
