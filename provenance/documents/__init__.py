"""What a record's document has, how two compare, and what supports a value. Pure: it knows no table."""
