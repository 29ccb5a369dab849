-- One row per record of a biomarker and subject on view: how its parameter reads, whether it is below its limit, and why it is not used.
SELECT measurement.source_row, parameter.PARAMCD, parameter.label, parameter.unit, parameter.family, timepoint.AVISIT AS timepoint,
       measurement.AVAL AS measured, measurement.below, measurement.LLOQ AS lloq, measurement.unused
FROM subjects JOIN measurement USING (subject_code) JOIN parameter USING (parameter) LEFT JOIN timepoint USING (timepoint)
ORDER BY measurement.source_row
