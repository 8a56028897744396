"""Running the site: backups and restoring them, what is watched, and when a routine job last ran."""
