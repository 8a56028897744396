"""When the database is unavailable: which errors mean that, and how long to wait for it."""
