-- One row per adverse event of the column, SOC, term and category asked for, as recorded.
SELECT ADAE.* EXCLUDE (source_row)
FROM column_member
JOIN event USING (subject_code)
JOIN term USING (term)
JOIN ADAE ON ADAE.source_row = event.source_row
WHERE (flags & $wanted) = $wanted
  AND position = $position AND (column_member.period IS NULL OR column_member.period = event.period)
  AND ($soc IS NULL OR soc = $soc) AND ($pt IS NULL OR pt = $pt)
ORDER BY event.subject_code, event.source_row
