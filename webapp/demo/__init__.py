"""A simulated mailcow: an HTTP server that answers like mailcow's API and writes plausible mail traffic.

It stands in for an outside server, so it imports nothing of the program it serves. Uses: a first look without
a mailcow of one's own (`python -m webapp.demo`), tests (`webapp.demo.server.serve`) and benchmarks
(`webapp.demo.bulk`).
"""
