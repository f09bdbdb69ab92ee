"""Lists as CSV files, streamed."""
