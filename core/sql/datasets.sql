-- One row per file loaded: records read, kept, refused and queried, and values trimmed.
SELECT dataset, label, file, read, kept, refused,
       (SELECT count(DISTINCT source_row) FROM query WHERE query.dataset = dataset.dataset) AS queries, trimmed
FROM dataset
