-- One row per adverse event of the study, coded; stored, and so read, in the order of subject and term.
SELECT subject_code, term, grade, flags, coalesce(period, 0) AS period FROM event
