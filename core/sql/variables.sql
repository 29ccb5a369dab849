-- One row per variable of every dataset: label, type, values present and missing.
SELECT dataset, variable, label, type, present, missing FROM variable ORDER BY dataset, position
