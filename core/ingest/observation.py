"""How long each subject was watched, and what was given when: made once, for everything that counts in time.

``observation`` has one row per subject: the first and the last dose, the last day on which an adverse event is
treatment-emergent, death, the day the subject left the study, and the last day known alive. ``dose`` has one row per
subject and day of dosing. The rules are told in docs/methods.md.
"""

from core.ingest.checks import Connection, literals, present
from core.ingest.derive import last_alive
from core.study import Study
from core.where import quoted

DAY, TEXT = "CAST(NULL AS DATE)", "CAST(NULL AS VARCHAR)"


def observe(connection: Connection, study: Study, datasets: set[str]) -> None:
    """Make ``observation`` and ``dose``; a variable that ADSL or ADEX does not have leaves its column empty."""
    names = present(connection, "ADSL")
    first, last, death, left = (name if name in names else DAY for name in ("TRTSDT", "TRTEDT", "DTHDT", "EOSDT"))
    flag = "DTHFL = 'Y'" if "DTHFL" in names else "false"
    collected = "true" if {"DTHFL", "DTHDT"} & set(names) else "false"
    status = f"upper({quoted('EOSSTT')})" if "EOSSTT" in names else TEXT
    ongoing = literals(each.upper() for each in study.disposition.ongoing)
    window = study.adverse_events.treatment_emergent.window_days
    connection.execute(
        "CREATE TABLE observation AS SELECT subject_code,"
        f" {first} AS first_dose, {last} AS last_dose,"
        f" CASE WHEN {first} IS NOT NULL THEN {last} + {window} END AS window_end,"
        f" CASE WHEN {collected} THEN coalesce({flag}, false) OR {death} IS NOT NULL END AS died, {death} AS death,"
        f" CASE WHEN NOT coalesce(list_contains({ongoing}, {status}), false) THEN {left} END AS left_study,"
        f" {last_alive(connection, datasets)} AS last_alive FROM ADSL ORDER BY subject_code"
    )
    _doses(connection, datasets)


def _doses(connection: Connection, datasets: set[str]) -> None:
    """Make ``dose``: the cycle is the number of the day among those of the subject, as it is for periods."""
    connection.execute(
        "CREATE TABLE dose (subject_code INTEGER, cycle INTEGER, first_day DATE, last_day DATE, given VARCHAR, amount DOUBLE)"
    )
    names = present(connection, "ADEX") if "ADEX" in datasets else []
    if "ASTDT" not in names:
        return
    amount = "EXDOSE" if "EXDOSE" in names else "CAST(NULL AS DOUBLE)"
    unit, drug = (name if name in names else TEXT for name in ("EXDOSU", "EXTRT"))
    last = "greatest(ASTDT, AENDT)" if "AENDT" in names else "ASTDT"
    told = f"nullif(concat_ws(' ', regexp_replace(CAST({amount} AS VARCHAR), '\\.0$', ''), {unit}, {drug}), '')"
    connection.execute(
        "INSERT INTO dose WITH day AS ("
        f" SELECT USUBJID, ASTDT AS first_day, max({last}) AS last_day,"
        f" string_agg({told}, ' + ' ORDER BY {amount} DESC, {told}) AS given, CASE WHEN count(*) = 1 THEN any_value({amount}) END AS amount"
        " FROM ADEX WHERE ASTDT IS NOT NULL GROUP BY USUBJID, ASTDT)"
        " SELECT subject_code, row_number() OVER (PARTITION BY subject_code ORDER BY first_day), first_day, last_day, given,"
        " amount FROM day JOIN ADSL USING (USUBJID) ORDER BY subject_code, first_day"
    )
