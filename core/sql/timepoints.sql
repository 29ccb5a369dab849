-- One row per timepoint at which biomarkers were measured, in the order of visits.
SELECT timepoint, AVISIT FROM timepoint ORDER BY timepoint
