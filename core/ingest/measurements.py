"""Specimens and biomarker values, decided once: what is evaluable, what is below the limit, what stands for a timepoint.

The table ``measurement`` has one row per kept record of ADBM. ``unused`` says why it stands for nothing; where that is
NULL, it is the subject's value of the parameter at the timepoint; ``dated`` says that it has a usable result of its
own day, whatever timepoint that belongs to, and clashes with no other. The rules are told in docs/methods.md.
"""

import pyarrow as pa

from core.errors import StudyError
from core.ingest.checks import NUMBER, Connection, find, literals, present
from core.study import Study
from core.where import quoted

UNSIGNED = r"(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:E[-+]?[0-9]+)?"
# What laboratories write, in any case, for a value that they could not quantify.
WORDS = (
    r"(?:<\s*=?\s*|≤\s*|BELOW\s+)?(?:THE\s+)?(?:LLOQ|LLQ|LOQ|LLOD|LOD|BLQ|BLOQ|BLLOQ|BQL|BLD|BDL|ND|N\.D\.?|NOT DETECTED|UNDETECTABLE"
    r"|(?:LOWER\s+)?LIMIT OF (?:QUANTIFICATION|QUANTITATION|DETECTION))"
)
# A unit may follow a limit; what would make another number of it (10^3, 1x10^3, 1:10, 1/10, 5-10) may not.
UNIT = r"(?:\s*(?:[^0-9.,\s^:*×+\-–/X]|[/X]\s*[^0-9\s]).*)?"
# Of each form the one group, if there is any, is the limit.
FORMS = (
    rf"(?:<\s*=?|≤)\s*({UNSIGNED}){UNIT}",
    rf"{WORDS}(?:[\s(\[:;,=<]+(?:LLO[QD][\s:=<]+|LO[QD][\s:=<]+)?({UNSIGNED})[^0-9]*|[^A-Z0-9]*)",
    rf"{UNSIGNED}[\s(\[:;,]*{WORDS}[\s)\]]*",
)
# What a text holds that is about a limit, understood or not.
ABOUT_A_LIMIT = r"[<>≤≥]|(?:^|[^A-Z])(?:LLOQ|LLQ|LOQ|LLOD|LOD|BLQ|BLOQ|BLLOQ|BQL|BLD|BDL)(?:[^A-Z]|$)"
FLUIDS = ("serum", "plasma", "blood", "whole blood", "urine")
CLASH = "one of several records at one timepoint, none of which is used"
COLUMNS = {
    "PARAMCD": "VARCHAR", "PARAM": "VARCHAR", "AVISIT": "VARCHAR", "AVISITN": "DOUBLE", "ADT": "DATE", "ADY": "DOUBLE",
    "AVAL": "DOUBLE", "AVALC": "VARCHAR", "LLOQ": "DOUBLE", "BLQFL": "VARCHAR", "ANL01FL": "VARCHAR", "BMSEQ": "DOUBLE",
    "ASEQ": "DOUBLE", "BEREFID": "VARCHAR", "BEMETHOD": "VARCHAR", "EVALFL": "VARCHAR", "EVALREAS": "VARCHAR",
}  # fmt: skip


def move_limits(connection: Connection) -> None:
    """Take a limit such as "<0.05" that stands among the numbers of ``staged`` for the text that it is.

    Where AVALC says anything but a limit, AVAL stays as it is, to be refused as no number.
    """
    names = present(connection)
    if "AVAL" not in names:
        return
    moved = f"{_below('upper(AVAL)')} AND NOT regexp_full_match(AVAL, '{NUMBER}')"
    if "AVALC" not in names:
        if connection.execute(f"SELECT 1 FROM staged WHERE {moved} LIMIT 1").fetchone() is None:
            return
        connection.execute("ALTER TABLE staged ADD COLUMN AVALC VARCHAR")
    own, other = _limit("upper(AVALC)"), _limit("upper(AVAL)")
    connection.execute(
        f"UPDATE staged SET AVALC = CASE WHEN {own} IS NULL AND {other} > 0 THEN AVAL ELSE coalesce(AVALC, AVAL) END,"
        f" AVAL = NULL WHERE {moved} AND (AVALC IS NULL OR {_below('upper(AVALC)')})"
    )


def specimens(connection: Connection, study: Study, datasets: set[str]) -> None:
    """Make ``specimen``: one row per record of ADBE, evaluable or why not.

    Raises
    ------
    StudyError
        study.toml gives one timepoint two windows, which would make two of every record.
    """
    named = [visit.AVISIT for visit in study.visits]
    if len(set(named)) < len(named):
        raise StudyError(f"study.toml: visits name the same thing twice: {', '.join(named)}; keep one window of each.")
    connection.execute("CREATE TEMP TABLE visit (AVISIT VARCHAR, target_day DOUBLE, first_day DOUBLE, last_day DOUBLE)")
    for visit in study.visits:
        connection.execute("INSERT INTO visit VALUES (?, ?, ?, ?)", list(visit.model_dump().values()))
    records = _dated(connection, "ADBE") if "ADBE" in datasets else f"{_dated(connection, 'ADSL')} WHERE false"
    connection.execute(
        "CREATE TABLE specimen AS SELECT subject_code, BEREFID, AVISIT, BEMETHOD, ADT, ADY, EVALFL,"
        " CASE WHEN EVALFL = 'N' THEN coalesce(EVALREAS, 'Not evaluable')"
        f" WHEN EVALFL IS NULL THEN 'Not judged yet' ELSE {_outside()} END AS unused, source_row"
        f" FROM ({records}) LEFT JOIN visit USING (AVISIT) ORDER BY subject_code, source_row"
    )
    if "ADBE" in datasets and "EVALFL" in present(connection, "ADBE"):
        both = "SELECT (USUBJID, BEREFID) FROM ADBE GROUP BY USUBJID, BEREFID HAVING count(DISTINCT EVALFL) > 1"
        told = "one specimen recorded as evaluable and as not, taken as evaluable"
        find(connection, "query", "ADBE", "ADBE", f"(USUBJID, BEREFID) IN ({both})", "EVALFL", told, "correct EVALFL")


def code(connection: Connection, study: Study, datasets: set[str]) -> None:
    """Make ``parameter``, ``timepoint`` and ``measurement``.

    Raises
    ------
    StudyError
        study.toml takes the flagged record of several, and ADBM has no such flag.
    """
    records = _dated(connection, "ADBM") if "ADBM" in datasets else f"{_dated(connection, 'ADSL')} WHERE false"
    flagged = study.records_per_timepoint == "ANL01FL"
    if flagged and "ADBM" in datasets and "ANL01FL" not in present(connection, "ADBM"):
        raise StudyError(
            "study.toml: records_per_timepoint is ANL01FL, which ADBM does not have; add it, or name first, last or closest."
        )
    _parameters(connection, study, records)
    # One wrong AVISITN among many must not turn the order of two visits.
    first = (
        "min(target_day), median(AVISITN)" if _all_planned(connection, records) else "median(AVISITN), min(target_day)"
    )
    order = ", ".join(f"{each} NULLS LAST" for each in (*first.split(", "), "median(ADY)", "AVISIT"))
    connection.execute(
        f"CREATE TABLE timepoint AS SELECT CAST(row_number() OVER (ORDER BY {order}) AS INTEGER) AS timepoint, AVISIT"
        f" FROM ({records}) LEFT JOIN visit USING (AVISIT) WHERE AVISIT IS NOT NULL GROUP BY AVISIT ORDER BY timepoint"
    )
    _read_values(connection, records)
    _choose(connection, study)
    _query(connection, study)
    connection.execute("DROP TABLE reading; DROP TABLE visit")


def _all_planned(connection: Connection, records: str) -> bool:
    """Whether study.toml has a window for every timepoint, which then gives their order."""
    (unplanned,) = connection.execute(
        f"SELECT count(*) FROM ({records}) ANTI JOIN visit USING (AVISIT) WHERE AVISIT IS NOT NULL"
    ).fetchall()[0]
    return int(unplanned) == 0


def _parameters(connection: Connection, study: Study, records: str) -> None:
    """List the parameters of study.toml in its order, then others that the data have."""
    connection.execute(
        "CREATE TABLE parameter (parameter INTEGER, PARAMCD VARCHAR, label VARCHAR, unit VARCHAR, analyte VARCHAR,"
        " role VARCHAR, family VARCHAR, specimen VARCHAR, scale VARCHAR, LLOQ DOUBLE, tissue BOOLEAN)"
    )
    described = [{"parameter": number, **each.model_dump()} for number, each in enumerate(study.parameters, 1)]
    if described:
        connection.register("described", pa.Table.from_pylist(described))
        tissue = f"specimen <> '' AND NOT list_contains({literals(FLUIDS)}, lower(specimen))"
        connection.execute(f"INSERT INTO parameter BY NAME SELECT *, {tissue} AS tissue FROM described")
        connection.unregister("described")
    connection.execute(
        f"INSERT INTO parameter SELECT {len(described)} + row_number() OVER (ORDER BY min(source_row)), PARAMCD,"
        " coalesce(min(PARAM), PARAMCD), '', '', '', '', '', 'raw', NULL, count(BEREFID) > 0"
        f" FROM ({records}) ANTI JOIN parameter USING (PARAMCD) GROUP BY PARAMCD"
    )


def _read_values(connection: Connection, records: str) -> None:
    """Make ``reading``: each record's value, or that it is below a limit, and which.

    A limit in the text beats the record's own, and that the parameter's; one that is not above 0 is none.
    """
    connection.execute(
        f"""
        CREATE TEMP TABLE reading AS
        WITH given AS (
            SELECT record.* EXCLUDE (LLOQ), upper(AVALC) AS text, parameter, timepoint, tissue,
                   coalesce(CASE WHEN record.LLOQ > 0 THEN record.LLOQ END, parameter.LLOQ) AS known, target_day, {_outside()} AS outside
            FROM ({records}) AS record JOIN parameter USING (PARAMCD)
            LEFT JOIN timepoint USING (AVISIT) LEFT JOIN visit USING (AVISIT)
        ), limited AS (
            SELECT *, coalesce({_below("text")}, false) OR coalesce(BLQFL = 'Y', false) AS told,
                   coalesce(CASE WHEN {_limit("text")} > 0 THEN {_limit("text")} END, known) AS LLOQ
            FROM given
        )
        SELECT *, told OR coalesce(AVAL < LLOQ, false) AS below FROM limited
        """
    )


def _choose(connection: Connection, study: Study) -> None:
    """Make ``measurement``: of several usable records at one timepoint the one that study.toml's rule takes, or none."""
    # There is no day 0: from day -1 to day 1 is one day.
    days = [f"{day} + CAST({day} < 0 AS INTEGER)" for day in ("ADY", "target_day")]
    order = {
        "ANL01FL": "coalesce(ANL01FL = 'Y', false) DESC",
        "first": "ADT NULLS LAST, BMSEQ, ASEQ",
        "last": "ADT DESC NULLS LAST, BMSEQ DESC, ASEQ DESC",
        "closest": f"abs({days[0]} - ({days[1]})) NULLS LAST",
        None: "true",
    }[study.records_per_timepoint]
    connection.execute(
        f"""
        CREATE TABLE measurement AS
        WITH named AS (
            SELECT subject_code, BEREFID, AVISIT, true AS listed, bool_or(unused IS NULL) AS evaluable, min(unused) AS why
            FROM specimen GROUP BY ALL
        ), taken AS (
            SELECT subject_code, AVISIT, bool_or(unused IS NULL) AS some_evaluable FROM specimen GROUP BY ALL
        ), candidate AS (
            SELECT reading.*, {_unfit()} AS unfit, ADT IS NOT NULL AND ({_result()}) IS NULL AS dated
            FROM reading LEFT JOIN named USING (subject_code, BEREFID, AVISIT) LEFT JOIN taken USING (subject_code, AVISIT)
        ), ranked AS (
            SELECT *, rank() OVER (PARTITION BY parameter, subject_code, timepoint, unfit IS NULL ORDER BY {order}) AS place
            FROM candidate
        ), compared AS (
            SELECT *, count(*) FILTER (WHERE place = 1)
                      OVER (PARTITION BY parameter, subject_code, timepoint, unfit IS NULL) AS first_places
            FROM ranked
        )
        SELECT parameter, timepoint, subject_code, CASE WHEN NOT below THEN AVAL END AS AVAL, below, LLOQ, ADT, ADY,
               AVALC, BEREFID, source_row, dated AND (unfit IS NOT NULL OR first_places = 1 OR place > 1) AS dated,
               CASE WHEN unfit IS NOT NULL THEN unfit WHEN first_places > 1 THEN '{CLASH}'
                    WHEN place > 1 THEN 'another record of the timepoint is used' END AS unused
        FROM compared ORDER BY parameter, timepoint, subject_code, source_row
        """
    )


def _unfit() -> str:
    """The reason why a record has no usable value, before it is compared with others of its timepoint."""
    return f"CASE WHEN timepoint IS NULL THEN 'at no timepoint' WHEN {_no_result()} ELSE coalesce(outside, {_specimen()}) END"


def _result() -> str:
    """The reason why a record has no usable value on whatever day; NULL where it has."""
    return f"CASE WHEN {_no_result()} ELSE {_specimen()} END"


def _no_result() -> str:
    return "AVAL IS NULL AND NOT below THEN 'No result' || coalesce(': ' || AVALC, '')"


def _specimen() -> str:
    """The reason why a record's specimen gives no usable value; NULL where it does, or the record needs none."""
    return (
        "CASE WHEN listed THEN CASE WHEN NOT evaluable THEN why END"
        " WHEN NOT tissue OR (SELECT count(*) FROM specimen) = 0 THEN NULL"
        " WHEN BEREFID IS NOT NULL THEN 'Specimen ' || BEREFID || ' is not listed at this timepoint'"
        " WHEN NOT coalesce(some_evaluable, false)"
        " THEN 'No evaluable specimen' END"
    )


def _query(connection: Connection, study: Study) -> None:
    """List what had to be decided about single values."""
    specimens_of_subject = "(SELECT specimen.BEREFID FROM specimen WHERE specimen.subject_code = reading.subject_code)"
    at_timepoint = f"{specimens_of_subject[:-1]} AND specimen.AVISIT = reading.AVISIT)"
    doubts = [
        ("AVALC", "AVAL IS NULL AND AVALC IS NOT NULL AND NOT below", "neither a value nor a limit",
         "give the value as AVAL, or write a limit such as <0.05 as AVALC"),
        ("AVAL", "below AND NOT told", "a number below its limit of quantification, taken as below the limit",
         "flag it (AVALC or BLQFL), or correct the LLOQ"),
        ("AVAL", "told AND AVAL > LLOQ", "a number above the limit that it is said to be below, which is not used",
         "correct the number, or what says that it is below (AVALC, BLQFL)"),
        ("AVALC", f"AVAL IS NOT NULL AND NOT told AND regexp_matches(text, '{ABOUT_A_LIMIT}')",
         "about a limit, but not understood; the number beside it is taken as it is",
         "write a limit such as <0.05, or flag the value by BLQFL"),
        ("AVALC", "below AND LLOQ IS NULL", "below a limit that nobody states",
         "state the LLOQ in the record, or of the parameter in study.toml"),
        ("BEREFID", f"BEREFID IS NOT NULL AND (SELECT count(*) FROM specimen) > 0 AND BEREFID NOT IN {specimens_of_subject}",
         "a specimen that ADBE does not list", "correct the identifier, or add the specimen to ADBE"),
        ("BEREFID", f"BEREFID IN {specimens_of_subject} AND BEREFID NOT IN {at_timepoint}",
         "a specimen that ADBE lists at another timepoint", "correct the identifier, or AVISIT of either"),
        ("AVISITN", "AVISITN <> median(AVISITN) OVER (PARTITION BY AVISIT)", "another number than the visit usually has",
         "correct AVISITN"),
        ("ADY", "ADY <> counted", "another day than ADT gives, counted from the first dose; ADY is used",
         "correct ADY or ADT"),
    ]  # fmt: skip
    for variable, bad, told, remedy in doubts:
        windowed = f"source_row IN (SELECT source_row FROM reading QUALIFY {bad})"
        find(connection, "query", "reading", "ADBM", windowed if "OVER" in bad else bad, variable, told, remedy)
    rule = study.records_per_timepoint
    remedy = (
        "name records_per_timepoint in study.toml"
        if rule is None
        else f"records_per_timepoint = {rule} of study.toml does not tell them apart; keep one"
    )
    clashing = f"source_row IN (SELECT source_row FROM measurement WHERE unused = '{CLASH}')"
    find(connection, "query", "reading", "ADBM", clashing, "AVISIT", CLASH, remedy)


def _below(text: str) -> str:
    return "(" + " OR ".join(f"regexp_full_match({text}, '{form}')" for form in FORMS) + ")"


def _limit(text: str) -> str:
    """The limit that a text states; NULL where it states none."""
    found = [f"nullif(regexp_extract({text}, '^{form}$', 1), '')" for form in FORMS[:2]]
    return f"TRY_CAST(coalesce({', '.join(found)}) AS DOUBLE)"


def _outside() -> str:
    """The reason why a record is out of its visit's window; NULL inside it, and where its day is not known."""
    days = (f"CAST(CAST({name} AS INTEGER) AS VARCHAR)" for name in ("ADY", "first_day", "last_day"))
    day, first, last = days
    return (
        f"CASE WHEN ADY < first_day OR ADY > last_day THEN 'Day ' || {day} || ', outside the window of ' || {first}"
        f" || ' to ' || {last} END"
    )


def _dated(connection: Connection, dataset: str) -> str:
    """The query for a dataset's records with subject code, all of `COLUMNS`, and the day counted from the first dose."""
    names = present(connection, dataset)
    first = "TRTSDT" if "TRTSDT" in present(connection, "ADSL") else "CAST(NULL AS DATE)"
    columns = {
        name: f"TRY_CAST({quoted(name) if name in names else 'NULL'} AS {kind})" for name, kind in COLUMNS.items()
    }
    columns["counted"] = (
        f"date_diff('day', dosed.day, {columns['ADT']}) + CAST({columns['ADT']} >= dosed.day AS INTEGER)"
    )
    columns["ADY"] = f"coalesce({columns['ADY']}, {columns['counted']})"
    return (
        f"SELECT source_row, dosed.code AS subject_code,"
        f" {', '.join(f'{value} AS {name}' for name, value in columns.items())} FROM {quoted(dataset)}"
        f" JOIN (SELECT USUBJID, subject_code AS code, {first} AS day FROM ADSL) AS dosed USING (USUBJID)"
    )
