-- One row per record of a biomarker and subject on view, used or not.
SELECT ADSL.USUBJID, parameter.PARAMCD, timepoint.AVISIT, measurement.ADT, measurement.ADY, measurement.AVAL, measurement.AVALC,
       measurement.LLOQ, measurement.below, measurement.BEREFID, coalesce(measurement.unused, 'used') AS used
FROM subjects JOIN measurement USING (subject_code) JOIN ADSL USING (subject_code)
JOIN parameter USING (parameter) LEFT JOIN timepoint USING (timepoint)
WHERE parameter.PARAMCD = $parameter
ORDER BY subject_code, measurement.timepoint, measurement.source_row
