"""The mail server: its client, the state of the connection, what it said last, changes with their audit."""
