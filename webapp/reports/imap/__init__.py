"""Reports fetched from a mailbox by IMAP: by UID, never by "unread"; other mail stays as it is."""
