"""Rows -> messages and deliveries: pure stories, pairs and verdicts, then loading and saving in bulk."""
