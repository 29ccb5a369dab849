"""Results or records in, alt.Chart out."""
