-- One row per subject on view: first and last dose, the window of treatment emergence, death, end of study, last sign of life.
SELECT subject_code, USUBJID, first_dose, last_dose, window_end, died, death, left_study, last_alive
FROM subjects JOIN observation USING (subject_code) JOIN ADSL USING (subject_code)
ORDER BY subject_code
