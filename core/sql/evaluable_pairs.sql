-- One row per subject on view: whether an evaluable specimen, inside its window, stands at each of two timepoints.
SELECT subject_code, coalesce(bool_or(unused IS NULL AND AVISIT = $earlier), false) AS earlier,
       coalesce(bool_or(unused IS NULL AND AVISIT = $later), false) AS later
FROM subjects LEFT JOIN specimen USING (subject_code)
GROUP BY subject_code
ORDER BY subject_code
