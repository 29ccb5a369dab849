"""What the snapshot knows beyond the files: column membership, periods and coded adverse events.

Derived tables and their columns are in lower case: they were computed. The rules are told in docs/methods.md.
"""

from core.errors import StudyError
from core.ingest.checks import Connection, present
from core.study import Period, Study
from core.where import quoted

MOST_LEVELS = 40
NO_LEVEL = "Missing"
TOTAL = "Total"
NEVER_GROUPS = ("USUBJID", "SUBJID", "STUDYID")
LAST_ALIVE = ("LSTALVDT", "DTHDT", "EOSDT", "RFENDT", "TRTEDT")


def subjects(connection: Connection) -> None:
    """Give ADSL its codes 1, 2, ... in the order of USUBJID, and SAFFL where the file has none."""
    names = present(connection, "ADSL")
    safety = ", CASE WHEN TRTSDT IS NULL THEN 'N' ELSE 'Y' END AS SAFFL"
    connection.execute(
        "CREATE OR REPLACE TABLE ADSL AS SELECT CAST(row_number() OVER (ORDER BY USUBJID) AS INTEGER) AS subject_code, "
        f"*{safety if 'SAFFL' not in names and 'TRTSDT' in names else ''} FROM ADSL ORDER BY USUBJID"
    )


def registrations(connection: Connection) -> None:
    """Make ``registration``: one row per registered subject and the day; a study without dates has all of ADSL.

    The day is that of enrolment (ENRLDT), else of informed consent (RFICDT); ``variable`` says which it was.
    """
    names = present(connection, "ADSL")
    dated = [name for name in ("ENRLDT", "RFICDT") if name in names]
    day = f"coalesce({', '.join(dated)})" if dated else "CAST(NULL AS DATE)"
    which = "CASE " + " ".join(f"WHEN {name} IS NOT NULL THEN '{name}'" for name in dated) + " END" if dated else "NULL"
    registered = f"{day} IS NOT NULL OR (SELECT count({day}) FROM ADSL) = 0" if dated else "true"
    connection.execute(
        f"CREATE TABLE registration AS SELECT subject_code, {day} AS day, CAST({which} AS VARCHAR) AS variable"
        f" FROM ADSL WHERE {registered} ORDER BY subject_code"
    )


def periods(connection: Connection, study: Study, datasets: set[str]) -> None:
    """Make ``subject_period``: one row per subject and treatment period entered, with its first and last day.

    Raises
    ------
    StudyError
        study.toml asks for periods that the data cannot tell apart.
    """
    connection.execute(
        "CREATE TABLE period (period UTINYINT, label VARCHAR);"
        "CREATE TABLE subject_period (subject_code INTEGER, period UTINYINT, first_day DATE, last_day DATE)"
    )
    if not study.periods:
        return
    if "TRTSDT" not in present(connection, "ADSL"):
        raise StudyError("study.toml has periods, which need the variable TRTSDT in ADSL.")
    connection.executemany("INSERT INTO period VALUES (?, ?)", [[i, p.label] for i, p in enumerate(study.periods, 1)])
    connection.execute(f"CREATE TEMP TABLE treated AS {_treated(connection, study, datasets)}")
    treatment = [period for period in study.periods if period.kind == "treatment"]
    for number, period in enumerate(study.periods, 1):
        if period.kind == "before":
            days = "SELECT subject_code, NULL AS first_day, start - 1 AS last_day FROM treated"
        elif period.kind == "follow_up":
            days = "SELECT subject_code, stop + 1, NULL FROM treated WHERE last_alive > stop"
        else:
            days = _treatment_days(connection, treatment, treatment.index(period), datasets)
        connection.execute(
            f"INSERT INTO subject_period SELECT column0, {number}, column1, column2 FROM ({_plain(days)})"
        )
    connection.execute("DROP TABLE treated")


def membership(connection: Connection) -> None:
    """Make ``membership``: one row per subject, grouping variable of ADSL and level, or period entered.

    Any text variable of ADSL with few levels may head the columns of a table; its numeric companion (TRT01AN
    for TRT01A) gives their order, else the alphabet. A subject without a value has the level "Missing", and
    neither that nor the total shares its name with a value of the data; ``value`` is what was recorded.
    """
    connection.execute(
        "CREATE TABLE membership"
        " (variable VARCHAR, position SMALLINT, level VARCHAR, value VARCHAR, subject_code INTEGER, period UTINYINT)"
    )
    kinds = dict(connection.execute("SELECT column_name, column_type FROM (DESCRIBE ADSL)").fetchall())
    for name, kind in kinds.items():
        if kind != "VARCHAR" or name in NEVER_GROUPS:
            continue
        rank = f"min({quoted(name + 'N')})" if kinds.get(f"{name}N") == "DOUBLE" else "0"
        connection.execute(
            f"""
            INSERT INTO membership
            WITH member AS (SELECT subject_code, {quoted(name)} AS level FROM ADSL),
            ranked AS (SELECT {quoted(name)} AS level, {rank} AS rank FROM ADSL GROUP BY ADSL.{quoted(name)}),
            placed AS (SELECT level, row_number() OVER (ORDER BY level IS NULL, rank NULLS LAST, level) AS position FROM ranked)
            SELECT $name, position,
                   CASE WHEN member.level = $total THEN $total || ' (as recorded)' WHEN member.level IS NOT NULL THEN member.level
                        WHEN $missing IN (SELECT level FROM ranked) THEN $missing || ' (blank)' ELSE $missing END,
                   member.level, subject_code, NULL
            FROM member JOIN placed ON placed.level IS NOT DISTINCT FROM member.level
            WHERE (SELECT count(*) FROM ranked) <= {MOST_LEVELS} ORDER BY subject_code
            """,
            {"name": name, "missing": NO_LEVEL, "total": TOTAL},
        )
    connection.execute(
        "INSERT INTO membership SELECT 'APERIODC', period, label, label, subject_code, period "
        "FROM period LEFT JOIN subject_period USING (period) ORDER BY ALL"
    )


def _treated(connection: Connection, study: Study, datasets: set[str]) -> str:
    """The query for each subject's first and last day of treatment and last day known alive."""
    names = present(connection, "ADSL")
    offset = max((p.offset_days for p in study.periods if p.kind == "follow_up"), default=0)
    alive = last_alive(connection, datasets)
    stop = f"TRTEDT + {offset}" if "TRTEDT" in names else "CAST(NULL AS DATE)"
    return f"SELECT subject_code, USUBJID, TRTSDT AS start, {stop} AS stop, {alive} AS last_alive FROM ADSL"


def last_alive(connection: Connection, datasets: set[str]) -> str:
    """Return the SQL for the last date on which a subject of ADSL is known to be alive."""
    names = present(connection, "ADSL")
    alive = [quoted(name) for name in LAST_ALIVE if name in names]
    if "ADAE" in datasets and "ASTDT" in present(connection, "ADAE"):
        alive.append("(SELECT max(ASTDT) FROM ADAE WHERE ADAE.USUBJID = ADSL.USUBJID)")
    return f"greatest({', '.join(alive)})" if alive else "CAST(NULL AS DATE)"


def _treatment_days(connection: Connection, treatment: list[Period], index: int, datasets: set[str]) -> str:
    """The query for one treatment period: ADSL's own dates, else its cycles in ADEX, else all of treatment."""
    names = present(connection, "ADSL")
    first, last = f"AP{index + 1:02}SDT", f"AP{index + 1:02}EDT"
    if first in names:
        # Days between the last period's own end and the start of follow-up belong to treatment.
        joined = "greatest" if index == len(treatment) - 1 else "coalesce"
        end = f"{joined}({last}, treated.stop)" if last in names else "treated.stop"
        return (
            f"SELECT subject_code, {first}, {end} FROM treated JOIN ADSL USING (subject_code) WHERE {first} IS NOT NULL"
        )
    period = treatment[index]
    if period.cycles is None:
        if len(treatment) > 1:
            raise StudyError(
                f"study.toml: period {period.label!r} needs {first} in ADSL, or cycles = [first, last] to find it in ADEX."
            )
        return "SELECT subject_code, start, stop FROM treated WHERE start IS NOT NULL"
    if "ADEX" not in datasets or "ASTDT" not in present(connection, "ADEX"):
        raise StudyError(f"study.toml: the cycles of period {period.label!r} need dataset ADEX with ASTDT.")
    following = treatment[index + 1].cycles if index + 1 < len(treatment) else None
    after = f"max(CASE WHEN cycle = {following[0]} THEN ASTDT - 1 END)" if following else "CAST(NULL AS DATE)"
    return f"""
        WITH cycle AS (
            SELECT USUBJID, ASTDT, row_number() OVER (PARTITION BY USUBJID ORDER BY ASTDT) AS cycle
            FROM (SELECT DISTINCT USUBJID, ASTDT FROM ADEX WHERE ASTDT IS NOT NULL)
        ), days AS (
            SELECT USUBJID, max(CASE WHEN cycle = {period.cycles[0]} THEN ASTDT END) AS first_day, {after} AS next_day
            FROM cycle GROUP BY USUBJID
        )
        SELECT subject_code, first_day, coalesce(next_day, stop) FROM days JOIN treated USING (USUBJID)
        WHERE first_day IS NOT NULL
    """


def _plain(query: str) -> str:
    return f"SELECT * FROM ({query}) AS days(column0, column1, column2)"
