-- One row per subject on view and column of the table that the subject belongs to; position 0 is the total.
SELECT position, subject_code, period FROM subjects JOIN membership USING (subject_code) WHERE variable = $columns
UNION ALL
SELECT 0, subject_code, NULL FROM subjects
