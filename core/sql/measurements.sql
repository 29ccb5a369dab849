-- One row per subject on view, biomarker and timepoint asked for: the value that stands for it.
SELECT parameter, timepoint, subject_code, AVAL, below, LLOQ AS lloq
FROM subjects JOIN measurement USING (subject_code)
WHERE unused IS NULL AND list_contains($timepoints, timepoint)
  AND ($parameters IS NULL OR list_contains($parameters, parameter))
