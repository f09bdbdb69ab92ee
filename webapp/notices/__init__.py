"""Channels and what was sent on them, and the summary of the week."""
