"""Who attacks: netfilter's events, one story per address, countries, the busiest addresses."""
