"""DNS blocklists: which there are, what an answer of one means, what changed since the last look."""
