-- One row per column of the table: its subjects who died, of any cause; in a period those whose death is dated in it.
SELECT position,
       count(DISTINCT subject_code) FILTER (WHERE column_member.period IS NULL OR column_member.period = (
           SELECT max(entered.period) FROM subject_period AS entered WHERE entered.subject_code = column_member.subject_code
           AND death BETWEEN coalesce(entered.first_day, death) AND coalesce(entered.last_day, death)
       )) AS n,
       count(DISTINCT subject_code) FILTER (WHERE death IS NULL) AS undated
FROM column_member JOIN observation USING (subject_code)
WHERE died
GROUP BY position
