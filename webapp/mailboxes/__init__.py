"""Mailboxes: who sends, who receives, what fails."""
