-- One row per value that broke the contract; the record it stands in was refused.
SELECT dataset, source_row AS row, variable, value, rule, remedy FROM rejected ORDER BY ALL
