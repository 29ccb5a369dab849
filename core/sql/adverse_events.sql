-- One row per adverse event of the column, SOC, term and category asked for, as recorded.
SELECT ADAE.* EXCLUDE (source_row)
FROM column_member
JOIN event ON event.subject_code = column_member.subject_code
JOIN term ON term.term = event.term
JOIN ADAE ON ADAE.source_row = event.source_row
WHERE (event.flags & $wanted) = $wanted
  AND column_member.position = $position AND (column_member.period IS NULL OR column_member.period = event.period)
  AND ($soc IS NULL OR term.soc = $soc) AND ($pt IS NULL OR term.pt = $pt)
ORDER BY event.subject_code, event.source_row
