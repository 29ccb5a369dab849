-- One row: how many subjects are on view.
SELECT count(*) AS N FROM subjects
