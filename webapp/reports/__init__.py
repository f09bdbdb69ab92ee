"""Reports from other mail servers: files and mails in, DMARC aggregate, failure and TLS reports out."""
