"""Rendering: pages and their parts, Jinja filters, charts, the API's description, errors."""
