-- One row per file loaded: records read, kept, refused and queried, and values trimmed.
SELECT dataset, label, file, read, kept, refused, queries, trimmed FROM dataset
