-- One row per subject on view: all of ADSL.
SELECT ADSL.* EXCLUDE (subject_code, source_row) FROM subjects JOIN ADSL USING (subject_code) ORDER BY subject_code
