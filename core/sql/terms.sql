-- One row per preferred term in its system organ class, as the study codes them.
SELECT term, soc_code, soc, pt FROM term ORDER BY term
