-- One row per registered subject on view.
SELECT subject_code FROM subjects JOIN registration USING (subject_code) ORDER BY subject_code
