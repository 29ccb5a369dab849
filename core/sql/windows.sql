-- One row per subject at risk and column of the table: the days in which an event counts, and what ends them.
WITH span AS (
    SELECT position, subject_code, column_member.period, death, left_study,
           CASE WHEN column_member.period IS NULL THEN first_dose ELSE greatest(entered.first_day, first_dose) END AS begins,
           least(window_end, entered.last_day) AS closes,
           -- A period that is open after the last dose is follow-up: nobody was watched beyond the last sign of life.
           CASE WHEN column_member.period IS NOT NULL AND entered.last_day IS NULL AND window_end IS NOT NULL
                THEN last_alive END AS last_seen
    FROM column_member JOIN observation USING (subject_code)
    LEFT JOIN subject_period AS entered ON entered.subject_code = observation.subject_code AND entered.period = column_member.period
    WHERE first_dose IS NOT NULL AND (column_member.period IS NULL OR entered.first_day IS NOT NULL)
),
ended AS (SELECT *, least(death, closes, left_study, last_seen, CAST($cut AS DATE)) AS ends FROM span)
SELECT position, subject_code, period, begins, ends,
       CASE WHEN death = ends THEN 'death' WHEN closes = ends THEN 'window' WHEN left_study = ends THEN 'left'
            WHEN last_seen = ends THEN 'unseen' ELSE 'cut' END AS ended
FROM ended
WHERE ends >= begins
ORDER BY position, subject_code
