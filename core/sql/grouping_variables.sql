-- One row per variable that may head the columns of a table, and value recorded of it, in order; NULL is missing.
SELECT DISTINCT variable, position, value FROM membership ORDER BY ALL
