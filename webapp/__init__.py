"""Mailcow Logs Viewer: where is my mail, and is my mail set-up healthy?"""
