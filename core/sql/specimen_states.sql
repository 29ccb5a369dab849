-- One row per specimen record and subject on view: the day counted from the first dose, and why it is not evaluable.
SELECT source_row, BEREFID, AVISIT, BEMETHOD, ADT, ADY AS counted_day, unused FROM subjects JOIN specimen USING (subject_code) ORDER BY source_row
