-- One row per record of a dataset and subject on view: all of its variables.
SELECT record.* FROM subjects JOIN ADSL USING (subject_code) JOIN query_table($dataset) AS record ON record.USUBJID = ADSL.USUBJID
ORDER BY ADSL.subject_code, record.source_row
