"""Connections to mail servers of the administrator: bounded in time as a whole, certificates verified."""
