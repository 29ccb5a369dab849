-- One row per column and category asked for: subjects with at least one event in it, and events.
WITH category AS (SELECT unnest($categories) AS category, unnest($masks) AS wanted)
SELECT position, category, count(DISTINCT subject_code) AS n, count(*) AS events
FROM column_member JOIN event USING (subject_code) JOIN category ON (flags & wanted) = wanted
WHERE column_member.period IS NULL OR column_member.period = event.period
GROUP BY ALL
