"""Who may come in: login page and session for pages, HTTP Basic for the API, one guard over every route."""
