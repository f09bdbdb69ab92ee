"""mailcow's logs -> stored rows, without loss: align, read, store, a portion a transaction."""
