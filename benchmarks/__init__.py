"""Measurements of whole things: ingestion, requests, both at once. `python -m benchmarks --help`."""
