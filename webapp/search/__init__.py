"""The room Search: what else is known of what was typed, beside the messages that match."""
