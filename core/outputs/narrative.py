"""The story of a serious event in short texts: the patient, the event, the doses before it, the laboratory around it."""

from collections.abc import Iterable

import pandas as pd

from core.data import Data
from core.formats import as_recorded, counted, sentence_case
from core.outputs.listing import ONGOING, UNKNOWN
from core.study import Population

FIELDS = {
    "patient": "Patient", "treatment": "Treatment", "event": "Event", "onset_text": "Onset", "end_text": "End",
    "grade_text": "Grade", "reason": "Serious because", "relation": "Related to treatment", "action": "Action taken",
    "outcome": "Outcome", "death": "Death", "doses_before": "Doses before", "others": "Other events under way",
    "laboratory": "Laboratory, out of range", "laboratory_normal": "Laboratory, in range",
}  # fmt: skip
"""The lines of a sheet, in order, and how each is headed."""

REASONS = {
    "AESDTH": "results in death", "AESLIFE": "life-threatening", "AESHOSP": "hospitalisation", "AESDISAB": "disability",
    "AESCONG": "congenital anomaly", "AESMIE": "medically important", "AESCAN": "cancer", "AESOD": "overdose",
}  # fmt: skip
"""CDISC's variables of why an event is serious."""

DOSES = 3
"""How many doses before the onset are told."""

NORMAL = ("NORMAL", "N")


def patients(data: Data, population: Population, who: Iterable[str]) -> dict[str, dict[str, str]]:
    """Return the subjects named, by USUBJID: who it is, and treatment and death, each in a line."""
    subjects = data.ask("subjects", population).set_index("USUBJID")
    watched = data.ask("observations", population).set_index("USUBJID")
    return {
        name: {
            "patient": _who(subjects.loc[name], data),
            "treatment": _treatment(subjects.loc[name], watched.loc[name]),
            "death": _death(subjects.loc[name], watched.loc[name]),
        }
        for name in dict.fromkeys(who)
    }


def _who(row: pd.Series, data: Data) -> str:
    told = [
        f"{as_recorded(row[name])} years" if name == "AGE" else str(row[name])
        for name in ("AGE", "SEX", "RACE")
        if _known(row, name)
    ]
    arm = data.study.arm or "TRT01A"
    if _known(row, arm):
        told.append(str(row[arm]))
    skipped = ("AGE", "AGEGR1", "SEX", "RACE", arm)
    told += [
        f"{f.label}: {row[f.variable]}"
        for f in data.study.filters
        if f.variable not in skipped and _known(row, f.variable)
    ]
    return ", ".join(told)


def _treatment(row: pd.Series, watched: pd.Series) -> str:
    if pd.isna(watched.first_dose):
        return "Never dosed"
    last = f"last {_day(watched.last_dose)}" if pd.notna(watched.last_dose) else "no last dose recorded"
    why = next((sentence_case(str(row[name])) for name in ("DCTREAS", "EOTSTT") if _known(row, name)), "")
    return f"First dose {_day(watched.first_dose)}, {last}" + (f"; {why}" if why else "")


def _death(row: pd.Series, watched: pd.Series) -> str:
    if pd.isna(watched.died) or not watched.died:
        return ""
    when = _day(watched.death) if pd.notna(watched.death) else "date not recorded"
    return f"{when}" + (f", {row.DTHCAUS}" if _known(row, "DTHCAUS") else "")


def story(listed: pd.Series, raw: pd.Series, data: Data) -> dict[str, str]:
    """Return the lines of one event that stand in its own record: `listed` as a listing has it, `raw` as recorded."""
    coding = data.study.adverse_events
    term = sentence_case(str(listed[coding.term])) if _known(listed, coding.term) else "Not coded"
    event = ", ".join(
        filter(None, [term, sentence_case(str(listed[coding.soc])) if _known(listed, coding.soc) else ""])
    )
    if _known(listed, "AETERM") and str(listed.AETERM).casefold() != term.casefold():
        event += f"; reported as “{listed.AETERM}”"
    relation = next(
        (sentence_case(str(raw[name])) for name in coding.related.variables if _known(raw, name)), "Not recorded"
    )
    if _known(listed, "related"):
        relation += "; counts as related" if listed.related == "Y" else "; counts as not related"
    reasons = [text for name, text in REASONS.items() if _known(raw, name) and raw[name] == "Y"]
    return {
        "event": event,
        "onset_text": _onset(listed),
        "end_text": _end(listed),
        "grade_text": coding.grade_label(str(listed[coding.grade])) if _known(listed, coding.grade) else "Not recorded",
        "reason": ", ".join(reasons),
        "relation": relation,
        "action": sentence_case(str(listed.AEACN)) if _known(listed, "AEACN") else "",
        "outcome": sentence_case(str(listed.AEOUT)) if _known(listed, "AEOUT") else "",
    }


def _onset(listed: pd.Series) -> str:
    if listed.onset == UNKNOWN:
        return "Not known"
    told = [str(listed.onset)]
    if _known(listed, "onset_day"):
        told.append(f"day {listed.onset_day}")
    else:
        told.append("known in part")
    if _known(listed, "cycle"):
        told.append(f"cycle {listed.cycle}")
    return ", ".join([*told, *([str(listed.period)] if _known(listed, "period") else [])])


def _end(listed: pd.Series) -> str:
    if listed.end in (ONGOING, UNKNOWN):
        return "Not known" if listed.end == UNKNOWN else "Ongoing"
    day = f", day {listed.end_day}" if _known(listed, "end_day") else ""
    lasted = f"; lasted {counted(int(listed.duration), 'day')}" if _known(listed, "duration") else ""
    return f"{listed.end}{day}{lasted}"


def doses(given: pd.DataFrame, begun: pd.Timestamp) -> tuple[str, int]:
    """Return the last doses on or before a day, the latest first, in a line, and how many there were.

    Examples
    --------
    >>> given = pd.DataFrame({"cycle": [1, 2], "first_day": pd.to_datetime(["2024-01-01", "2024-01-22"]),
    ...                       "given": ["25 mg A", "20 mg A"]})
    >>> doses(given, pd.Timestamp("2024-01-24"))
    ('20 mg A, cycle 2, 2024-01-22 (2 days before); 25 mg A, cycle 1, 2024-01-01 (23 days before)', 2)
    """
    before = given[given.first_day <= begun]
    told = []
    for each in before.iloc[::-1].head(DOSES).itertuples():
        days = (begun - each.first_day).days
        when = "the same day" if days == 0 else f"{counted(days, 'day')} before"
        told.append(f"{each.given or 'dose not recorded'}, cycle {each.cycle}, {_day(each.first_day)} ({when})")
    rest = len(before) - len(told)
    return "; ".join(told) + (f"; {rest} earlier" if rest else ""), len(before)


def laboratory(values: pd.DataFrame) -> tuple[str, str]:
    """Return the values around an event in two lines: parameters with a value out of range, and those always within it.

    Parameters
    ----------
    values : DataFrame
        One row a record: PARAMCD, days_after the onset, and where the study has them AVAL, AVALC, PARAM, A1LO, A1HI,
        ANRIND. Records without a result are left out. Where some parameter has limits of reference, those without are left
        out too, since they are derived from others; where none has, all values are told.

    Examples
    --------
    >>> values = pd.DataFrame({"PARAMCD": ["NEUT", "NEUT", "ALB"], "AVAL": [3.9, 0.4, 41.0], "A1LO": [2.0, 2.0, 35.0],
    ...                        "A1HI": [7.5, 7.5, 50.0], "days_after": [-9, 2, 0]})
    >>> laboratory(values)
    ('NEUT: 3.9 (9 days before), 0.4 L (2 days after)', 'ALB')
    """
    out, within = [], []
    values = values[_present(values, "AVAL") | _present(values, "AVALC")]
    ranged = _present(values, "A1LO") | _present(values, "A1HI")
    if ranged.any():
        values = values[ranged]
    for code, part in values.groupby("PARAMCD", sort=False):
        name = str(part.PARAM.iloc[0]) if "PARAM" in part and pd.notna(part.PARAM.iloc[0]) else str(code)
        marks = [_mark(row) for _, row in part.iterrows()]
        if all(mark == "" for mark in marks):
            within.append(name)
            continue
        told = (
            f"{_value(row)}{' ' + mark if mark and mark != '?' else ''} ({_when(int(row.days_after))})"
            for (_, row), mark in zip(part.iterrows(), marks, strict=True)
        )
        out.append(f"{name}: {', '.join(told)}")
    return "; ".join(out), ", ".join(within)


def _present(values: pd.DataFrame, name: str) -> pd.Series:
    return values[name].notna() if name in values else pd.Series(False, values.index)


def _mark(row: pd.Series) -> str:
    """L or H for a value out of its range, ? where there is no range, nothing within it."""
    if _known(row, "AVAL") and (_known(row, "A1LO") or _known(row, "A1HI")):
        if _known(row, "A1LO") and row.AVAL < row.A1LO:
            return "L"
        return "H" if _known(row, "A1HI") and row.AVAL > row.A1HI else ""
    if _known(row, "ANRIND"):
        return "" if str(row.ANRIND).upper() in NORMAL else str(row.ANRIND)[:1]
    return "?"


def _value(row: pd.Series) -> str:
    if _known(row, "AVALC"):
        return str(row.AVALC)
    return as_recorded(row.AVAL)


def _when(days: int) -> str:
    if days == 0:
        return "day of onset"
    return f"{counted(abs(days), 'day')} {'after' if days > 0 else 'before'}"


def _day(day: pd.Timestamp) -> str:
    return f"{day:%Y-%m-%d}"


def _known(row: pd.Series, name: str) -> bool:
    return name in row.index and pd.notna(row[name]) and row[name] != ""
