-- One row: how many of the events on view were placed by a rule rather than by what was recorded.
SELECT count(*) AS events,
       count_if(related_assumed) AS related_assumed,
       count_if(onset_assumed) AS onset_assumed,
       count_if(event.period IS NULL) AS without_period
FROM subjects JOIN event USING (subject_code)
WHERE (flags & $wanted) = $wanted
