-- One row per parameter of a dataset and label of it, in the order of the file.
SELECT COLUMNS('^PARAM(CD)?$'), min(source_row) AS first_row FROM query_table($dataset) GROUP BY ALL ORDER BY first_row
