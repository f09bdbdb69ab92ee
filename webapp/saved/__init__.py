"""Searches of messages under a name, beside the search and on the dashboard."""
