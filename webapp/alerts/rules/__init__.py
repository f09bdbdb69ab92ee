"""The rules: pure functions from facts to findings, a module for each subject, and the table of all."""
