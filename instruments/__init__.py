"""What changes slowly and projects name: countries, instruments, agreements. It knows no project."""
