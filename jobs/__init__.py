"""Background jobs: the doors through which the work of the domains is done."""
