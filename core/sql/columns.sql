-- One row per column of the table, whether or not anybody on view belongs to it: its level and N; the total last.
WITH level AS (
    SELECT DISTINCT position, level FROM membership WHERE variable = $columns
    UNION ALL
    SELECT 0, 'Total'
),
counted AS (SELECT position, level, count(subject_code) AS N FROM level LEFT JOIN column_member USING (position) GROUP BY ALL)
SELECT position, level, N FROM counted ORDER BY position = 0, position
