-- One row per column of the table: its registered subjects, and by which variable they are dated.
SELECT position, count(registration.subject_code) AS n,
       count(*) FILTER (WHERE variable = 'ENRLDT') AS enrolled, count(*) FILTER (WHERE variable = 'RFICDT') AS consented
FROM column_member LEFT JOIN registration USING (subject_code)
GROUP BY position
