"""Lists that a filter in the URL selects: parameters, conditions, day partitions, ordinary tables, pages."""
