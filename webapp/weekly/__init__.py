"""The summary of a week: mail flow, failures, accounts, domains, storage; a page, JSON and a mail."""
