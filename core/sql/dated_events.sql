-- One row per adverse event of subjects on view, as recorded, with what was decided of it and the days on which it can have begun.
SELECT subject_code, event.grade AS event_grade, event.flags AS event_flags, event.period AS event_period, first_onset, last_onset,
       term.soc AS event_soc, term.pt AS event_term, ADAE.*
FROM subjects JOIN event USING (subject_code) JOIN term USING (term) JOIN ADAE ON ADAE.source_row = event.source_row
ORDER BY subject_code, event.source_row
