-- One row per subject on view and column of the table that the subject belongs to: all of ADSL.
SELECT position, ADSL.* FROM column_member JOIN ADSL USING (subject_code) ORDER BY position, subject_code
