"""What the rules judge, read from what is stored: a module for each subject, a statement or two for each
rule. None means that it is not known now."""
