-- One row per adverse event of the category, class and term asked for, as recorded, with its days and the dose before it.
SELECT event.subject_code AS of_subject, event.source_row AS of_row, event.number AS of_number, event.grade AS grade_rank, event.flags AS flag_bits,
       event.begins AS day_begun, event.ends AS day_ended,
       first_onset IS DISTINCT FROM last_onset OR last_onset IS NULL AS day_vague,
       observation.first_dose AS day_one, period.label AS in_period, dose.cycle AS dose_cycle, dose.given AS dose_given,
       dose.first_day AS dose_day, term.pt AS of_term, term.soc AS of_class, ADAE.* EXCLUDE (source_row)
FROM subjects JOIN event USING (subject_code)
JOIN term USING (term) JOIN ADAE ON ADAE.source_row = event.source_row JOIN observation USING (subject_code)
LEFT JOIN period ON period.period = event.period
ASOF LEFT JOIN dose ON dose.subject_code = event.subject_code AND dose.first_day <= event.begins
WHERE (event.flags & $wanted) = $wanted AND event.grade >= $least
  AND ($soc IS NULL OR term.soc = $soc) AND ($pt IS NULL OR term.pt = $pt)
ORDER BY event.subject_code, event.begins NULLS LAST, event.number
