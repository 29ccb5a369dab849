-- One row per variable that may head the columns of a table, and level, in order, with its subjects in the study.
SELECT variable, position, level, count(DISTINCT subject_code) AS n FROM membership GROUP BY ALL ORDER BY ALL
