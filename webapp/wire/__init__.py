"""Connections to servers of others: bounded in time as a whole, answers in size, certificates verified."""
