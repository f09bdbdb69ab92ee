"""What is stored: every model by subject, the day partitions, the database itself."""
