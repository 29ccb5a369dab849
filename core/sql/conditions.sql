-- One row per variable that a condition may name: those of the files, and AE, where each event carries its categories.
SELECT dataset, variable, type FROM variable
UNION ALL
SELECT table_name, column_name, data_type FROM duckdb_columns() WHERE table_name = 'AE' AND column_name <> 'source_row' AND NOT internal
