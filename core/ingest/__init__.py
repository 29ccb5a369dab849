"""Files of a study folder become one immutable DuckDB snapshot."""
