"""Signing in through an OpenID Connect provider: its network, its words, and who of its people may come
in."""
