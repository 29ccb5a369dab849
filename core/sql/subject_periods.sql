-- One row per subject on view and period entered: its first and last day, NULL where it is open.
SELECT subject_code, period, first_day, last_day FROM subjects JOIN subject_period USING (subject_code) ORDER BY ALL
