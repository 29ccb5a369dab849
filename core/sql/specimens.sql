-- One row per specimen of a subject on view, taken or only planned: whether it was judged, and why it is not evaluable.
SELECT subject_code, BEREFID, AVISIT, BEMETHOD, ADT, ADY, EVALFL, unused
FROM subjects JOIN specimen USING (subject_code)
ORDER BY subject_code, source_row
