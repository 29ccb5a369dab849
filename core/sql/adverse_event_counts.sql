-- One row per column, SOC, term and grade: subjects by worst grade ('n') and events by own grade ('events').
-- A missing term is its SOC as a whole, a missing SOC any event; grade 0 is a missing grade, which beats none.
WITH counted AS (
    SELECT position, term, grade, subject_code
    FROM column_member JOIN event USING (subject_code)
    WHERE (flags & $wanted) = $wanted AND (column_member.period IS NULL OR column_member.period = event.period)
),
worst_of_term AS (
    SELECT position, term, subject_code, max(grade) AS grade FROM counted GROUP BY ALL
),
worst_of_soc AS (
    SELECT position, soc_code, subject_code, max(grade) AS grade FROM worst_of_term JOIN term USING (term) GROUP BY ALL
),
worst_of_any AS (
    SELECT position, subject_code, max(grade) AS grade FROM worst_of_soc GROUP BY ALL
)
SELECT 'n' AS kind, position, NULL AS soc_code, term, grade, count(*) AS count FROM worst_of_term GROUP BY ALL
UNION ALL
SELECT 'n', position, soc_code, NULL, grade, count(*) FROM worst_of_soc GROUP BY ALL
UNION ALL
SELECT 'n', position, NULL, NULL, grade, count(*) FROM worst_of_any GROUP BY ALL
UNION ALL
SELECT 'events', position, NULL, term, grade, count(*) FROM counted GROUP BY ALL
