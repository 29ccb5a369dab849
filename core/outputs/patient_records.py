"""Everything that a study has of one patient: every record of every dataset, on one scale of days."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import pandas as pd

from core.data import Data
from core.formats import recorded, sentence_case
from core.outputs.categories import CATEGORIES, category_labels
from core.outputs.listing import study_day
from core.study import EVENT_FLAGS, Population
from core.tables.patient import SPECIMEN
from core.where import Condition, Where

SHOWN = ("USUBJID", "date", "day", "end_date", "end_day", "dataset", "visit", "what", "value", "note", "code", "row")
"""What a reader gets of each record; the rest is for drawing."""

ORIGINS = {"TRTSDT": "the first dose", "ENRLDT": "enrolment", "RFICDT": "informed consent"}
"""What days are counted from: the first of these that the patient has."""

SERIOUS = 1 << EVENT_FLAGS.index("serious")
NOT_TOLD = ("subject_code", "source_row", "USUBJID")
RANGE = {"NORMAL": "", "N": ""}


@dataclass(frozen=True)
class Patient:
    """One patient, if on view: the row of ADSL, and all records; `origin` is the variable that days are counted from."""

    subject: pd.Series
    records: pd.DataFrame
    origin: str


def only(population: Population, subject: str) -> Population:
    """Return the population narrowed to one patient.

    Examples
    --------
    >>> only(Population(label="All subjects"), "01-001").condition
    'USUBJID EQ 01-001'
    """
    return population.filtered(Where(Condition("USUBJID", "EQ", (subject,))))


def read(data: Data, population: Population, subject: str) -> Patient | None:
    """Return the patient with every record, in the order of days; None when the patient is not on view.

    Returns
    -------
    Patient
        records has `SHOWN`, and for drawing: item (the record's name), number (its value), below (a limit), grade, flags,
        lasting (no end), serious, vague (an onset not known to the day), from_day, family, unused.
    """
    one = only(population, subject)
    found = data.ask("records", one, dataset="ADSL")
    if found.empty:
        return None
    row = found.iloc[0]
    origin = next((name for name in ORIGINS if pd.notna(row.get(name))), "")
    parts = [_subject(data, row)]
    for dataset in data.schema:
        if dataset in READ:
            parts.append(READ[dataset](data, one).assign(dataset=dataset))
        elif "PARAMCD" in data.schema[dataset]:
            parts.append(_measurements(data, one, dataset).assign(dataset=dataset))
    frame = pd.concat([part for part in parts if len(part)], ignore_index=True)
    frame = _filled(frame, subject)
    first = row[origin] if origin else frame.date.min()
    for day, date in (("day", "date"), ("end_day", "end_date"), ("from_day", "from_date")):
        frame[day] = study_day(frame[date], first)
    order = frame.dataset.map({name: at for at, name in enumerate(data.schema)})
    frame = frame.assign(order=order).sort_values(["date", "order", "row"], kind="stable", na_position="last")
    return Patient(row, frame.drop(columns=["order", "from_date"]).reset_index(drop=True), origin)


def _filled(frame: pd.DataFrame, subject: str) -> pd.DataFrame:
    """Return records of all kinds with every column that any of them has."""
    texts = ("visit", "what", "value", "note", "code", "family", "unused")
    given = {name: frame.get(name, pd.Series(None, frame.index, dtype=object)) for name in texts}
    columns = {name: values.astype(object).where(values.notna(), "") for name, values in given.items()}
    days = {name: _days(frame, name) for name in ("date", "end_date", "from_date")}
    days["from_date"] = days["from_date"].where(days["from_date"].notna(), days["date"])
    marks = {name: frame.get(name, pd.Series(None, frame.index, dtype=object)).fillna(False).astype(bool) for name in ("below", "lasting", "vague", "serious")}  # fmt: skip
    codes = {name: pd.to_numeric(frame.get(name, pd.Series(0, frame.index))).fillna(0).astype(int) for name in ("grade", "flags")}  # fmt: skip
    number = pd.to_numeric(frame.get("number", pd.Series(np.nan, frame.index)), errors="coerce")
    item = frame.dataset + " " + frame.row.astype(int).astype(str) + np.where(frame.dataset == "ADSL", " " + columns["code"], "")  # fmt: skip
    own = {"dataset": frame.dataset, "row": frame.row.astype(int)}
    return pd.DataFrame(
        {"USUBJID": subject, **days, **own, **columns, **marks, **codes, "number": number, "item": item}
    )


def _subject(data: Data, row: pd.Series) -> pd.DataFrame:
    """Return one row per variable of ADSL that the patient has a value of."""
    told = [name for name in row.index if name not in NOT_TOLD and pd.notna(row[name])]
    dates = [isinstance(row[name], pd.Timestamp) for name in told]
    return pd.DataFrame(
        {
            "dataset": "ADSL",
            "row": int(row.source_row),
            "what": [labelled(data, name) for name in told],
            "value": ["" if date else _plain(row[name]) for name, date in zip(told, dates, strict=True)],
            "code": told,
            "number": [np.nan if date or isinstance(row[name], str) else float(row[name]) for name, date in zip(told, dates, strict=True)],
            "date": [row[name] if date else pd.NaT for name, date in zip(told, dates, strict=True)],
        }
    )  # fmt: skip


def labelled(data: Data, variable: str) -> str:
    """Return how a reader knows a variable of ADSL: by study.toml, else by its file or its contract, else by its name.

    Examples
    --------
    >>> labelled(Data.of("data/cdiscpilot01"), "AVGDD")
    'Average daily dose (mg)'
    """
    known = data.study.disposition.exposure.get(variable) or data.study.subgroup_label(variable)
    return known if known != variable else data.labels["ADSL"].get(variable) or variable


def _events(data: Data, one: Population) -> pd.DataFrame:
    found = data.ask("dated_events", one)
    coding = data.study.adverse_events
    vague = found.first_onset.isna() | (found.first_onset != found.last_onset)
    when = _days(found, "ASTDT")
    return pd.DataFrame(
        {
            "row": found.source_row,
            "date": when,
            "end_date": _days(found, "AENDT"),
            "from_date": pd.to_datetime(found.first_onset),
            "visit": found.event_period.map({number: period.label for number, period in enumerate(data.study.periods, 1)}).astype(object),
            "what": found.event_term.map(sentence_case),
            "value": found.event_grade.map({0: "No grade"} | {rank: coding.grade_label(level) for rank, level in enumerate(coding.levels, 1)}),
            "note": [_told(data, event) for event in found.itertuples()],
            "code": [f"AESEQ {number:g}" for number in found.AESEQ] if "AESEQ" in found else "",
            "grade": found.event_grade.astype(int),
            "flags": found.event_flags.astype(int),
            "serious": (found.event_flags & SERIOUS) > 0,
            "lasting": _days(found, "AENDT").isna(),
            "vague": vague,
        }
    )  # fmt: skip


def _told(data: Data, event) -> str:  # type: ignore[no-untyped-def]
    """Return what else was recorded of an event."""
    labels = category_labels(data)
    single = {flags[0]: labels[name] for name, flags in CATEGORIES.items() if len(flags) == 1}
    told = [
        single[flag]
        for bit, flag in enumerate(EVENT_FLAGS)
        if flag != "grade34" and event.event_flags & 1 << bit and data.collected[flag][0]
    ]
    told += [sentence_case(text) for name in ("AEOUT", "AEACN") if isinstance(text := getattr(event, name, None), str)]
    if pd.isna(event.first_onset):
        told.append("onset not known")
    elif event.first_onset != event.last_onset:
        told.append(f"onset from {event.first_onset.date()} to {event.last_onset.date()}")
    return "; ".join(told)


def _doses(data: Data, one: Population) -> pd.DataFrame:
    found = data.ask("records", one, dataset="ADEX")
    amount = _numbers(found, "EXDOSE" if "EXDOSE" in found else "AVAL")
    unit = _texts(found, "EXDOSU")
    named = [name for name in ("EXTRT", "PARAM", "PARAMCD") if name in found]
    return pd.DataFrame(
        {
            "row": found.source_row,
            "date": _days(found, "ASTDT"),
            "end_date": _days(found, "AENDT"),
            "visit": _texts(found, "AVISIT"),
            "what": _texts(found, named[0]).map(sentence_case) if named else "Dose",
            "value": [" ".join(filter(None, (_plain(dose), text))) for dose, text in zip(amount, unit, strict=True)],
            "code": _texts(found, "PARAMCD" if "PARAMCD" in found else "EXTRT"),
            "family": unit,
            "number": amount,
        }
    )


def _specimens(data: Data, one: Population) -> pd.DataFrame:
    found = data.ask("specimen_states", one)
    reason = found.unused.astype(object).fillna("")
    return pd.DataFrame(
        {
            "row": found.source_row,
            "date": _days(found, "ADT"),
            "visit": found.AVISIT,
            "what": SPECIMEN + found.BEMETHOD.astype(object).fillna("method not recorded").str.lower(),
            "value": np.where(reason == "", "Evaluable", "Not evaluable"),
            "note": reason,
            "code": found.BEREFID,
            "unused": reason,
            "number": found.counted_day,
        }
    )


def _biomarkers(data: Data, one: Population) -> pd.DataFrame:
    records = data.ask("records", one, dataset="ADBM")
    states = data.ask("measurement_states", one)
    found = records.merge(states.drop(columns="PARAMCD"), on="source_row", suffixes=("", "_of_state"))
    unit = found.unit.astype(object).fillna("")
    text, value = _texts(found, "AVALC"), _numbers(found, "AVAL").map(_plain)
    limit = found.lloq.map(lambda x: f" of {recorded(x)}" if recorded(x) else "").astype(object)
    below = np.where(found.below, "below the limit" + limit, "")
    unused = found.unused.astype(object).fillna("")
    return pd.DataFrame(
        {
            "row": found.source_row,
            "date": _days(found, "ADT"),
            "visit": _texts(found, "AVISIT"),
            "what": found.label,
            "value": [f"{v or t} {u}".strip() for v, t, u in zip(value.where(~found.below, ""), text, unit, strict=True)],
            "note": ["; ".join(filter(None, each)) for each in zip(below, unused, strict=True)],
            "code": found.PARAMCD,
            "family": found.family,
            "unused": unused,
            "number": found.measured.where(~found.below, found.lloq),
            "below": found.below,
        }
    )  # fmt: skip


def _measurements(data: Data, one: Population, dataset: str) -> pd.DataFrame:
    found = data.ask("records", one, dataset=dataset)
    value, text = _numbers(found, "AVAL").map(_plain), _texts(found, "AVALC")
    range_ = _texts(found, "ANRIND")
    return pd.DataFrame(
        {
            "row": found.source_row,
            "date": _days(found, "ADT"),
            "visit": _texts(found, "AVISIT"),
            "what": _texts(found, "PARAM" if "PARAM" in found else "PARAMCD"),
            "value": value.where(value != "", text),
            "note": range_.map(lambda each: RANGE.get(each.upper(), sentence_case(each))),
            "code": found.PARAMCD,
            "number": _numbers(found, "AVAL"),
        }
    )


READ: dict[str, Callable[[Data, Population], pd.DataFrame]] = {
    "ADAE": _events, "ADEX": _doses, "ADBE": _specimens, "ADBM": _biomarkers,
}  # fmt: skip


def _days(frame: pd.DataFrame, name: str) -> pd.Series:
    return pd.to_datetime(frame[name] if name in frame else pd.Series(pd.NaT, frame.index)).astype("datetime64[us]")


def _numbers(frame: pd.DataFrame, name: str) -> pd.Series:
    return pd.to_numeric(frame[name] if name in frame else pd.Series(np.nan, frame.index), errors="coerce")


def _texts(frame: pd.DataFrame, name: str) -> pd.Series:
    values = frame[name] if name in frame else pd.Series(None, frame.index, dtype=object)
    return values.astype(object).where(values.notna(), "").astype(str).astype(object)


def _plain(value: object) -> str:
    return value if isinstance(value, str) else recorded(float(value))  # type: ignore[arg-type]
