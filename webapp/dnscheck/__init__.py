"""Names -> graded findings: what DNS says of a mail domain, held against the RFCs. Writes and shows
nothing."""
