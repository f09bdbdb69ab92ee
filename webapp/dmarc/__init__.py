"""The DMARC room: what other mail servers report of our domains, and what to do about it."""
