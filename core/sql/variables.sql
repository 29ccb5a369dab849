-- One row per variable of every dataset: label, type, values present and missing.
SELECT dataset, variable, label, CASE type WHEN 'VARCHAR' THEN 'text' WHEN 'DATE' THEN 'date' ELSE 'number' END AS type,
       present, missing
FROM variable
ORDER BY dataset, position
