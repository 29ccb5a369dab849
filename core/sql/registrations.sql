-- One row per registered subject on view: the day, NULL where the study supplies no date, and the variable that gives it.
SELECT subject_code, day, variable FROM subjects JOIN registration USING (subject_code) ORDER BY subject_code
