"""What deserves a word: explainable rules over what is stored, each sign with its numbers."""
