"""The server at a glance: figures of the day against the day before, each a link to what it counts."""
