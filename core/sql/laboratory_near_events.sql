-- One row per laboratory value and adverse event of a category dated within so many days of it: all variables of the value.
SELECT event.source_row AS of_row, CAST(record.ADT AS DATE) - event.begins AS days_after, record.* EXCLUDE (source_row)
FROM subjects JOIN event USING (subject_code) JOIN ADSL USING (subject_code)
JOIN query_table($dataset) AS record ON record.USUBJID = ADSL.USUBJID
    AND record.ADT BETWEEN event.begins - CAST($days AS INTEGER) AND event.begins + CAST($days AS INTEGER)
WHERE (event.flags & $wanted) = $wanted
