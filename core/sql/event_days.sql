-- One row per adverse event of a category, of subjects on view: the days it began and ended, and whether the first is known.
SELECT subject_code, term, grade, coalesce(event.period, 0) AS period, begins, ends, number, source_row,
       first_onset IS DISTINCT FROM last_onset OR last_onset IS NULL AS vague
FROM subjects JOIN event USING (subject_code)
WHERE (flags & $wanted) = $wanted
