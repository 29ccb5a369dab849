-- One row per biomarker: what study.toml says of it, else what its records say, in the order of study.toml.
SELECT parameter, PARAMCD, label, unit, analyte, role, family, specimen, scale, LLOQ, tissue FROM parameter ORDER BY parameter
