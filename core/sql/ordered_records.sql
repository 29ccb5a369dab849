-- One row per record of a parameter and subject on view: all of its variables.
SELECT subject_code, record.*
FROM subjects JOIN ADSL USING (subject_code) JOIN query_table($dataset) AS record ON record.USUBJID = ADSL.USUBJID
WHERE record.PARAMCD = $parameter
ORDER BY subject_code, record.source_row
