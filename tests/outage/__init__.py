"""What a visitor sees while Redis or the database is away, or hangs."""
