"""A database that is away or does not answer: which errors say so, and how long anybody waits for it."""
