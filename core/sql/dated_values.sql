-- One row per subject on view and usable, dated record of a biomarker of a stated fluid, whatever timepoint it belongs to.
SELECT subject_code, measurement.ADT, measurement.AVAL, measurement.below, measurement.LLOQ AS lloq
FROM subjects JOIN measurement USING (subject_code) JOIN parameter USING (parameter)
WHERE parameter.PARAMCD = $parameter AND parameter.specimen <> '' AND NOT parameter.tissue AND measurement.dated
ORDER BY subject_code, measurement.ADT, measurement.source_row
