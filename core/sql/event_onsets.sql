-- One row per adverse event chosen, of subjects on view: the first and the last day on which it can have begun.
SELECT subject_code, first_onset, last_onset FROM subjects JOIN event USING (subject_code) JOIN chosen_event USING (source_row)
