"""A gunicorn worker that slow visitors cannot stop: a thread gets whole requests only, and never waits for a
slow reader.

What has a deadline and what has a bound stands in `limits`; one visitor in `visitor`, what it sent in
`incoming`, what it has yet to take in `outgoing`.
"""
