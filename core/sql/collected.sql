-- One row per category of adverse events: whether the study collected it, and by which rule it is recognised.
SELECT category, collected, rule FROM collected
