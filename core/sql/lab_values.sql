-- One row per dated value of the parameters asked for in a dataset, and subject on view: all of its variables.
SELECT subject_code, record.*
FROM subjects JOIN ADSL USING (subject_code) JOIN query_table($dataset) AS record ON record.USUBJID = ADSL.USUBJID
WHERE list_contains($parameters, record.PARAMCD) AND record.ADT IS NOT NULL AND record.AVAL IS NOT NULL
ORDER BY subject_code, record.source_row
