-- One row per visit of a dataset and number of it, in the order of the file.
SELECT COLUMNS('^AVISITN?$'), min(source_row) AS first_row FROM query_table($dataset) WHERE AVISIT IS NOT NULL
GROUP BY ALL ORDER BY first_row
