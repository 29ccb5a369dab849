-- One row: how many of the events on view were placed by a rule rather than by what was recorded.
SELECT count(*) AS events,
       count(*) FILTER (WHERE related_assumed) AS related_assumed,
       count(*) FILTER (WHERE onset_assumed) AS onset_assumed,
       count(*) FILTER (WHERE event.period IS NULL) AS without_period,
       count(*) FILTER (WHERE period_assumed) AS period_assumed,
       count(*) FILTER (WHERE grade = 0) AS ungraded
FROM subjects JOIN event USING (subject_code)
WHERE (flags & $wanted) = $wanted
