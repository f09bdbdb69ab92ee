"""Messages: what became of each mail, for every recipient."""
