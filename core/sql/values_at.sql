-- One row per subject on view and timepoint asked for: a biomarker's value and when it was measured, or why it has none.
WITH wanted AS (SELECT subject_code, unnest($timepoints) AS AVISIT FROM subjects),
recorded AS (
    SELECT subject_code, AVISIT, bool_or(unused IS NULL) AS usable, any_value(AVAL) FILTER (WHERE unused IS NULL) AS AVAL,
           any_value(below) FILTER (WHERE unused IS NULL) AS below, any_value(measurement.LLOQ) FILTER (WHERE unused IS NULL) AS LLOQ,
           min(ADT) FILTER (WHERE unused IS NULL) AS ADT, min(ADY) FILTER (WHERE unused IS NULL) AS ADY,
           string_agg(DISTINCT unused, '; ' ORDER BY unused) AS why
    FROM measurement JOIN timepoint USING (timepoint) JOIN parameter USING (parameter)
    WHERE parameter.PARAMCD = $parameter
    GROUP BY subject_code, AVISIT
),
taken AS (
    SELECT subject_code, AVISIT, bool_or(unused IS NULL) AS evaluable, string_agg(DISTINCT unused, '; ' ORDER BY unused) AS why
    FROM specimen WHERE (SELECT tissue FROM parameter WHERE PARAMCD = $parameter)
    GROUP BY subject_code, AVISIT
)
SELECT subject_code, ADSL.USUBJID, AVISIT, recorded.AVAL, coalesce(recorded.below, false) AS below, recorded.LLOQ AS lloq,
       recorded.ADT, recorded.ADY,
       CASE WHEN recorded.usable THEN NULL
            WHEN NOT taken.evaluable THEN taken.why
            WHEN recorded.why IS NOT NULL THEN recorded.why
            WHEN taken.evaluable THEN 'Evaluable specimen without a result of this marker'
            ELSE 'Nothing recorded' END AS missing
FROM wanted JOIN ADSL USING (subject_code)
LEFT JOIN recorded USING (subject_code, AVISIT) LEFT JOIN taken USING (subject_code, AVISIT)
ORDER BY subject_code, list_position($timepoints, AVISIT)
