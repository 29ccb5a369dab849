-- One row per day of dosing of a subject on view: which cycle it began, and what was given.
SELECT subject_code, cycle, first_day, last_day, given, amount FROM subjects JOIN dose USING (subject_code)
ORDER BY subject_code, cycle
