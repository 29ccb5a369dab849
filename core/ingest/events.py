"""Adverse events, coded once: every category of every record is decided here and nowhere else.

The table ``event`` has one row per kept record of ADAE, in the order of subject and term, so that every
count is a scan over small integers. Bit i of its column ``flags`` says whether category i of `EVENT_FLAGS`
applies; ``collected`` says which categories the study collected at all.
"""

from collections.abc import Iterable

from core.ingest.checks import Connection, literals, present
from core.study import EVENT_FLAGS, AdverseEvents, Study, TreatmentEmergent
from core.where import quoted

NOT_CODED = "Not coded"
VAGUE = "(onset.earliest IS DISTINCT FROM onset.latest OR onset.latest IS NULL)"
Truth = tuple[str | None, str]
"""The SQL that decides a category (None: not collected) and how a reader is told."""


def code(connection: Connection, study: Study) -> None:
    """Make ``term`` (the dictionary of SOC and PT), ``collected`` (category by category) and ``event``."""
    coding = study.adverse_events
    supplied = _supplied(connection)
    truths = _truths(connection, study, supplied)
    connection.execute("CREATE TABLE collected (category VARCHAR, collected BOOLEAN, rule VARCHAR)")
    for category, (truth, told) in truths.items():
        connection.execute("INSERT INTO collected VALUES (?, ?, ?)", [category, truth is not None, told])
    _dictionary(connection, coding)
    grade = f"coalesce(list_position({literals(coding.levels)}, {_of(coding.grade)}), 0)"
    bits = [
        f"CASE WHEN {truths[category][0] or 'false'} THEN {1 << i} ELSE 0 END" for i, category in enumerate(EVENT_FLAGS)
    ]
    named = _named_period(study, supplied)
    columns = {
        "subject_code": "subject_code",
        "term": "term.term",
        "grade": f"CAST({grade if coding.grade in supplied else 0} AS UTINYINT)",
        "flags": f"CAST({' + '.join(bits)} AS UTINYINT)",
        "related_assumed": _related_assumed(coding, supplied),
        "onset_assumed": f"coalesce(({truths['treatment_emergent'][0] or 'false'}) AND {_vague(study, supplied)}, false)",
        "period": f"coalesce({named}, {_dated_period(supplied)})",
        "period_assumed": f"{named} IS NULL AND {_dated_period(supplied)} IS NOT NULL AND {VAGUE}",
        "first_onset": "onset.earliest",
        "last_onset": "onset.latest",
        "begins": f"CASE WHEN {VAGUE} AND ({truths['treatment_emergent'][0] or 'false'})"
        " THEN greatest(onset.earliest, dates.TRTSDT) ELSE onset.earliest END",
        "ends": "ADAE.AENDT" if "AENDT" in supplied else "CAST(NULL AS DATE)",
        "number": _number(connection),
        "source_row": "ADAE.source_row",
    }
    connection.execute(
        "CREATE TABLE event AS SELECT "
        + ", ".join(f"{value} AS {name}" for name, value in columns.items())
        + f" FROM ADAE JOIN ({_dates(connection)}) AS dates USING (USUBJID) JOIN onset ON onset.source_row = ADAE.source_row"
        + f" JOIN term ON term.soc = {_coded(coding.soc)} AND term.pt = {_coded(coding.term)}"
        + " ORDER BY subject_code, term.term, ADAE.source_row"
    )
    connection.execute("DROP TABLE onset")
    _conditions(connection, coding, truths)
    # Whoever has an event in a period has entered it.
    connection.execute(
        "INSERT INTO subject_period SELECT DISTINCT subject_code, period, CAST(NULL AS DATE), CAST(NULL AS DATE) FROM event "
        "ANTI JOIN subject_period USING (subject_code, period) WHERE period IS NOT NULL"
    )


def _truths(connection: Connection, study: Study, supplied: set[str]) -> dict[str, Truth]:
    coding = study.adverse_events
    _onset(connection, supplied)
    fatal = [_is(rule.variable, rule.values) for rule in coding.fatal if rule.variable in supplied]
    told = [f"{rule.variable} is {_any(rule.values)}" for rule in coding.fatal if rule.variable in supplied]
    absent = ", ".join(rule.variable for rule in coding.fatal)
    return {
        "treatment_emergent": _treatment_emergent(connection, study, supplied),
        "serious": _rule(coding.serious.variable, coding.serious.values, supplied),
        "related": _related(connection, coding, supplied),
        "grade34": _rule(coding.grade, coding.grade34, supplied),
        "fatal": (
            (f"({' OR '.join(fatal)})", " or ".join(told))
            if fatal
            else (None, f"{absent} are absent or blank throughout")
        ),
        "discontinued": _rule(coding.discontinued.variable, coding.discontinued.values, supplied),
    }


def _conditions(connection: Connection, coding: AdverseEvents, truths: dict[str, Truth]) -> None:
    """Make the view ``AE``: what a condition may ask of an event by the same rules as every table counts it."""
    flags = ", ".join(
        f"CASE WHEN event.flags & {1 << bit} > 0 THEN 'Y' ELSE 'N' END AS {flag}"
        if truths[flag][0]
        else f"CAST(NULL AS VARCHAR) AS {flag}"
        for bit, flag in enumerate(EVENT_FLAGS)
    )
    connection.execute(
        "CREATE VIEW AE AS SELECT ADSL.USUBJID, term.soc AS SOC, term.pt AS PT,"
        f" {literals(coding.levels)}[event.grade] AS GRADE,"
        f" {flags.upper()}, event.source_row FROM event JOIN term USING (term) JOIN ADSL USING (subject_code)"
    )


def _supplied(connection: Connection) -> set[str]:
    """The variables of ADAE that have a value in at least one record (all of them when there is no record)."""
    names = present(connection, "ADAE")
    (counts,) = connection.execute(
        "SELECT count(*), " + ", ".join(f"count({quoted(name)})" for name in names) + " FROM ADAE"
    ).fetchall()
    return {name for name, count in zip(names, counts[1:], strict=True) if count or not counts[0]}


def _rule(variable: str, values: Iterable[str], supplied: set[str]) -> Truth:
    if variable not in supplied:
        return None, f"{variable} is absent or blank throughout"
    return _is(variable, values), f"{variable} is {_any(values)}"


def _related(connection: Connection, coding: AdverseEvents, supplied: set[str]) -> Truth:
    """Yes or no by study.toml's lists; what is missing or in neither counts as study.toml says (related, by default)."""
    rule = coding.related
    variables = [name for name in rule.variables if name in supplied]
    if not variables:
        return None, f"{' and '.join(rule.variables)} are absent or blank throughout"
    value = _relation(variables)
    found = connection.execute(f"SELECT DISTINCT upper({value}) FROM ADAE").fetchall()
    named = [text for text in rule.values if (text.upper(),) in found] or list(rule.values)
    truth = (
        f"CASE WHEN {_in(value, rule.values)} THEN true WHEN {_in(value, rule.not_values)} THEN false"
        f" ELSE {str(rule.missing_is_related).lower()} END"
    )
    assumed = "related" if rule.missing_is_related else "not related"
    return truth, f"{' or else '.join(variables)} is {_any(named)}; missing or unlisted counts as {assumed}"


def _related_assumed(coding: AdverseEvents, supplied: set[str]) -> str:
    rule = coding.related
    variables = [name for name in rule.variables if name in supplied]
    if not variables or not rule.missing_is_related:
        return "false"
    return f"NOT coalesce({_in(_relation(variables), (*rule.values, *rule.not_values))}, false)"


def _relation(variables: list[str]) -> str:
    return f"coalesce({', '.join(map(_of, variables))})"


def _treatment_emergent(connection: Connection, study: Study, supplied: set[str]) -> Truth:
    """The supplied flag, else the window from the first dose on; a vague onset counts unless it must precede it."""
    rule = study.adverse_events.treatment_emergent
    if rule.variable in supplied:
        return f"coalesce({_is(rule.variable, rule.values)}, false)", f"{rule.variable} is {_any(rule.values)}"
    if "TRTSDT" not in present(connection, "ADSL"):
        return None, f"{rule.variable} is absent or blank throughout, and ADSL has no TRTSDT to derive it from"
    start = "dates.TRTSDT"
    window_end = f"coalesce(dates.TRTEDT + {rule.window_days}, DATE '{study.data_cut}')"
    ended = f"{VAGUE} AND coalesce(ADAE.AENDT < {start}, false)" if "AENDT" in supplied else "false"
    in_window = f"coalesce(onset.latest >= {start}, true) AND coalesce(onset.earliest <= {window_end}, true)"
    worsened = _worsened(rule, supplied, window_end)
    told = f"onset from TRTSDT to TRTEDT + {rule.window_days} days, as {rule.variable} is not supplied"
    return f"({start} IS NOT NULL AND (({in_window} AND NOT ({ended})) OR {worsened}))", told


def _worsened(rule: TreatmentEmergent, supplied: set[str], window_end: str) -> str:
    if rule.worsening_date is None or rule.worsening_date not in supplied:
        return "false"
    return f"coalesce({_of(rule.worsening_date)} BETWEEN dates.TRTSDT AND {window_end}, false)"


def _vague(study: Study, supplied: set[str]) -> str:
    """Whether the category rests on the rule for partial dates rather than on a date."""
    if study.adverse_events.treatment_emergent.variable in supplied:
        return "false"
    return VAGUE


def _onset(connection: Connection, supplied: set[str]) -> None:
    """Make ``onset``: the earliest and latest day on which each event can have begun, NULL where open."""
    date = "ASTDT" if "ASTDT" in supplied else "CAST(NULL AS DATE)"
    flag = "ASTDTF" if "ASTDTF" in supplied else "CAST(NULL AS VARCHAR)"
    text = "AESTDTC" if "AESTDTC" in supplied else "CAST(NULL AS VARCHAR)"
    connection.execute(
        f"""
        CREATE TEMP TABLE onset AS
        WITH given AS (
            SELECT source_row, {date} AS day, coalesce({flag}, '') AS imputed, coalesce({text}, '') AS text FROM ADAE
        ), unit AS (
            SELECT source_row,
                   CASE WHEN day IS NOT NULL AND imputed = '' THEN day
                        ELSE TRY_CAST(nullif(left(text, 10), '') AS DATE) END AS exact,
                   CASE WHEN imputed = 'D' THEN day
                        WHEN regexp_full_match(text, '[0-9]{{4}}-[0-9]{{2}}') THEN TRY_CAST(text || '-01' AS DATE) END AS month,
                   CASE WHEN imputed = 'M' THEN day
                        WHEN regexp_full_match(text, '[0-9]{{4}}') THEN TRY_CAST(text || '-01-01' AS DATE) END AS year
            FROM given
        )
        SELECT source_row,
               coalesce(exact, date_trunc('month', month)::DATE, date_trunc('year', year)::DATE) AS earliest,
               coalesce(exact, last_day(month), (date_trunc('year', year) + INTERVAL 1 YEAR - INTERVAL 1 DAY)::DATE) AS latest
        FROM unit
        """
    )


def _named_period(study: Study, supplied: set[str]) -> str:
    """The period that the record itself names: by label, else by its number among the treatment periods."""
    named = []
    if "APERIODC" in supplied:
        named.append("(SELECT max(period.period) FROM period WHERE period.label = ADAE.APERIODC)")
    if "APERIOD" in supplied:
        numbers = [str(number) for number, period in enumerate(study.periods, 1) if period.kind == "treatment"]
        numbered = f"CAST([{', '.join(numbers)}] AS UTINYINT[])[CAST(ADAE.APERIOD AS INTEGER)]"
        named.append(f"CASE WHEN ADAE.APERIOD >= 1 THEN {numbered} END")
    return f"coalesce({', '.join(named)})" if named else "CAST(NULL AS UTINYINT)"


def _dated_period(supplied: set[str]) -> str:
    """The period that the day of onset falls in, the later one where two meet; a partial onset has the day imputed for it."""
    imputed = "ADAE.ASTDT" if "ASTDT" in supplied else "CAST(NULL AS DATE)"
    day = f"CASE WHEN {VAGUE} THEN {imputed} ELSE onset.earliest END"
    return (
        "(SELECT max(entered.period) FROM subject_period AS entered WHERE entered.subject_code = dates.subject_code"
        f" AND {day} >= coalesce(entered.first_day, {day}) AND {day} <= coalesce(entered.last_day, {day}))"
    )


def _number(connection: Connection) -> str:
    """What tells the events of one subject apart, whatever the order of rows in the file: AESEQ, else their rank by date."""
    names = present(connection, "ADAE")
    if "AESEQ" in names:
        ((numbered,),) = connection.execute("SELECT count(*) = count(AESEQ) FROM ADAE").fetchall()
        if numbered:
            return "ADAE.AESEQ"
    every = ", ".join(_of(name) for name in sorted(names) if name not in ("source_row", "USUBJID"))
    order = f"onset.earliest NULLS LAST, term.term{', ' + every if every else ''}"
    return f"CAST(row_number() OVER (PARTITION BY subject_code ORDER BY {order}) AS DOUBLE)"


def _dates(connection: Connection) -> str:
    names = present(connection, "ADSL")
    days = ", ".join(f"{name if name in names else 'CAST(NULL AS DATE)'} AS {name}" for name in ("TRTSDT", "TRTEDT"))
    return f"SELECT subject_code, USUBJID, {days} FROM ADSL"


def _dictionary(connection: Connection, coding: AdverseEvents) -> None:
    soc, pt = _coded(coding.soc), _coded(coding.term)
    connection.execute(
        "CREATE TABLE term AS SELECT CAST(row_number() OVER (ORDER BY soc, pt) AS INTEGER) AS term,"
        " CAST(dense_rank() OVER (ORDER BY soc) AS SMALLINT) AS soc_code, soc, pt"
        f" FROM (SELECT DISTINCT {soc} AS soc, {pt} AS pt FROM ADAE) ORDER BY term"
    )


def _of(variable: str) -> str:
    """A variable of ADAE, which may carry variables of ADSL and any others of its own."""
    return f"ADAE.{quoted(variable)}"


def _coded(variable: str) -> str:
    return f"coalesce({_of(variable)}, '{NOT_CODED}')"


def _is(variable: str, values: Iterable[str]) -> str:
    return _in(_of(variable), values)


def _in(text: str, values: Iterable[str]) -> str:
    return f"list_contains({literals(value.upper() for value in values)}, upper({text}))"


def _any(values: Iterable[str]) -> str:
    return " or ".join(values)
