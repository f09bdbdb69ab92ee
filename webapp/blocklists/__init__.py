"""Blocklists: which of the addresses that send for us are on which list, and how to leave it."""
