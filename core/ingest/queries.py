"""What is doubtful in the kept records: listed for somebody to look at, and left as it is."""

from core.ingest.checks import Connection, find, literals, present
from core.ingest.contract import Dataset
from core.study import Study
from core.where import quoted


def of_subjects(connection: Connection) -> None:
    """List deaths without a date, doses without dates and treatment that ends before it starts."""
    names = set(present(connection, "ADSL"))
    if "DTHFL" in names:
        undated = " AND DTHDT IS NULL" if "DTHDT" in names else ""
        _ask(connection, "ADSL", f"DTHFL = 'Y'{undated}", "DTHFL", "a death without a date", "supply DTHDT")
    if {"TRTSDT", "TRTEDT"} <= names:
        _ask(connection, "ADSL", "TRTEDT < TRTSDT", "TRTEDT", "treatment ends before it starts", "check both dates")
    for number in range(1, 10):
        first, last = f"AP{number:02}SDT", f"AP{number:02}EDT"
        if {first, last} <= names:
            _ask(connection, "ADSL", f"{last} < {first}", last, "a period ends before it starts", "check both dates")
    if {"TRTSDT", "SAFFL"} <= names:
        _ask(
            connection, "ADSL", "SAFFL = 'Y' AND TRTSDT IS NULL", "SAFFL", "in the safety population without a first dose",
            "supply TRTSDT, or correct SAFFL",
        )  # fmt: skip


def of_records(connection: Connection, dataset: Dataset, study: Study) -> None:
    """List ends before starts, dates after the data cut, uncoded events, and records that clash at a timepoint."""
    names = set(present(connection, dataset.name))
    if {"ASTDT", "AENDT"} <= names:
        _ask(connection, dataset.name, "AENDT < ASTDT", "AENDT", "ends before it starts", "check both dates")
    for day in ("ADT", "ASTDT"):
        if day in names:
            bad = f"{quoted(day)} > DATE '{study.data_cut}'"
            _ask(
                connection,
                dataset.name,
                bad,
                day,
                f"after the data cut of {study.data_cut}",
                "check the date or the data cut",
            )
    if dataset.name == "ADAE":
        _of_events(connection, names, study)
    if dataset.timepoint:
        _of_timepoints(connection, dataset, names, study)


def of_whom(connection: Connection, datasets: list[str]) -> None:
    """Write to each query the subject whose record it is about."""
    connection.execute("ALTER TABLE query ADD COLUMN USUBJID VARCHAR")
    for name in datasets:
        connection.execute(
            f"UPDATE query SET USUBJID = record.USUBJID FROM {quoted(name)} AS record"
            " WHERE query.dataset = $dataset AND query.source_row = record.source_row",
            {"dataset": name},
        )


def _of_events(connection: Connection, names: set[str], study: Study) -> None:
    coding = study.adverse_events
    for variable in (coding.soc, coding.term):
        _ask(
            connection,
            "ADAE",
            f"{quoted(variable)} IS NULL",
            variable,
            "an event that is not coded",
            "supply the coded term",
        )
    known = literals(value.upper() for value in (*coding.related.values, *coding.related.not_values))
    for variable in coding.related.variables:
        if variable in names:
            bad = f"{quoted(variable)} IS NOT NULL AND NOT list_contains({known}, upper({quoted(variable)}))"
            rule = "a relation to treatment that study.toml does not list"
            _ask(connection, "ADAE", bad, variable, rule, "add it to adverse_events.related in study.toml")
    if "APERIODC" in names and study.periods:
        bad = f"APERIODC IS NOT NULL AND NOT list_contains({literals(p.label for p in study.periods)}, APERIODC)"
        _ask(connection, "ADAE", bad, "APERIODC", "a period that study.toml does not list", "use a label of study.toml")


def _of_timepoints(connection: Connection, dataset: Dataset, names: set[str], study: Study) -> None:
    table = quoted(dataset.name)
    # Of biomarkers only usable records clash; these are listed where that is decided.
    if study.records_per_timepoint is None and dataset.name != "ADBM":
        key = ", ".join(map(quoted, dataset.timepoint))
        bad = f"source_row IN (SELECT source_row FROM {table} WHERE AVISIT IS NOT NULL QUALIFY count(*) OVER (PARTITION BY {key}) > 1)"
        rule = "one of several records at one timepoint, none of which is used"
        _ask(connection, dataset.name, bad, "AVISIT", rule, "name records_per_timepoint in study.toml")
    if {"AVISITN", "ADT"} <= names:
        # A derived timepoint (End of Treatment) repeats the date of a visit: the lowest number of a day is the visit's.
        bad = (
            "(USUBJID, PARAMCD, ADT) IN (SELECT (USUBJID, PARAMCD, ADT) FROM"
            f" (SELECT USUBJID, PARAMCD, ADT, min(AVISITN) AS visit FROM {table} WHERE AVISITN IS NOT NULL AND ADT IS NOT NULL"
            " GROUP BY ALL) QUALIFY visit < max(visit) OVER (PARTITION BY USUBJID, PARAMCD ORDER BY ADT))"
        )
        _ask(connection, dataset.name, bad, "ADT", "dated after a later visit", "check the dates of both visits")
    for variable in ("AVISIT", "ADT"):
        if variable in names:
            _ask(
                connection,
                dataset.name,
                f"{variable} IS NULL",
                variable,
                "a record without its time",
                f"supply {variable}",
            )


def _ask(connection: Connection, dataset: str, bad: str, variable: str, rule: str, remedy: str) -> None:
    find(connection, "query", dataset, dataset, bad, variable, rule, remedy)
