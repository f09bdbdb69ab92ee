"""The raw log lines: fetched without loss, parsed, stored by day."""
