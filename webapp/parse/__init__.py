"""One text -> its fields. Pure: knows no database, no request, no other package."""
