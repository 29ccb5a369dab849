-- One row per doubtful value; the record it stands in was kept.
SELECT dataset, source_row AS row, USUBJID, variable, value, rule, remedy FROM query ORDER BY ALL
