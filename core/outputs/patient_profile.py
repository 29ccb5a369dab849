"""One patient: what is known of him or her, in one card, on one axis of days, and record by record."""

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from core.ard import Result, grid, join, rows
from core.data import Data
from core.outputs import ordered, patient_records
from core.outputs.catalogue import CONF, Answer, Figure, Option, Options, Output
from core.outputs.categories import CATEGORIES, mask, not_collected
from core.outputs.listing import study_day
from core.outputs.markers import families
from core.outputs.patient_records import ORIGINS, SHOWN, Patient
from core.stats.dose_intensity import DoseIntensity, dose_intensity
from core.study import Population
from core.tables.layout import Layout

if TYPE_CHECKING:
    import altair as alt

    from core.charts.patient import Lane

USUBJID = Option(
    "USUBJID", "Patient", "", choices=lambda data: {name: name for name in data.subject_ids},
    of_study=lambda data: next(iter(data.subject_ids), ""), help="The patient's identifier.", on_page=False,
    of_people=True,
)  # fmt: skip
NONE = "none"
LABORATORY = ("ADLB", "ADLBC", "ADLBH")
LEADING = "tumour_burden"
"""The role whose first marker is drawn for every patient."""


def _followed(data: Data) -> dict[str, str]:
    """Return what may be drawn besides: the roles of study.toml, each marker, each laboratory parameter."""
    roles = dict.fromkeys(role for role in data.parameters.role if role)
    markers = dict(zip(data.parameters.PARAMCD, data.parameters.label, strict=True))
    labs = {
        f"{name}.{code}": f"{label}, {name}"
        for name in LABORATORY if name in data.schema
        for code, label in ordered.parameters(data, name).items()
    }  # fmt: skip
    named = families(data)
    return {NONE: "None"} | {role: named.get(role, role.replace("_", " ").capitalize()) for role in roles} | markers | labs  # fmt: skip


FOLLOW = Option(
    "follow", "More values", NONE, choices=_followed, wide=True,
    help="Markers of one role, one marker, or one laboratory parameter, drawn below performance status.",
)  # fmt: skip


def compute(data: Data, population: Population, options: Options) -> Answer:
    """Gather every record of the patient, and count what the card tells."""
    subject = str(options["USUBJID"])
    patient = patient_records.read(data, population, subject)
    if patient is None:
        where = f" with {population.condition}" if population.filters else ""
        return Answer(join([]), [f"{subject} is not among the subjects on view: {population.label} population{where}."])
    records = patient.records
    intensity, why = _intensity(data, records)
    frames = [
        _counts("RECORDS", {name: (records.dataset == name).sum() for name in dict.fromkeys(records.dataset)}),
        _counts("POPULATION", _populations(data, subject)),
        *_events(data, records),
        rows(intensity, why or "no dose", variable="DOSES"),
        *_specimens(data, records),
        *_markers(data, records),
    ]
    return Answer(join(frames), _notes(data, patient, why), records)


def _counts(variable: str, counts: dict, why: dict[str, str] | None = None, name: str = "n") -> pd.DataFrame:
    named = pd.DataFrame({"variable": variable, "variable_level": list(counts), "group2": "", "group2_level": ""})
    n = np.array(list(counts.values()), dtype=float)
    reasons = np.array([(why or {}).get(level, "") for level in counts], dtype=object)
    n[reasons != ""] = np.nan
    return grid(named, "", [""], [""], {name: n[:, None, None]}, reasons[:, None, None])


def _populations(data: Data, subject: str) -> dict[str, float]:
    return {
        each.label: float(data.ask("subject_count", patient_records.only(each, subject)).N[0])
        for each in data.study.populations
    }


def _events(data: Data, records: pd.DataFrame) -> list[pd.DataFrame]:
    """Count the events of each category, and of each grade."""
    if "ADAE" not in data.schema:
        return []
    events = records[records.dataset == "ADAE"]
    single = [name for name, flags in CATEGORIES.items() if len(flags) < 2]
    counts = {name: ((events["flags"] & mask(name)) == mask(name)).sum() for name in single}
    why = {name: not_collected(data, name) for name in single}
    levels = data.study.adverse_events.levels
    grades = {level: (events.grade == rank).sum() for rank, level in enumerate(levels, 1)}
    blank = not_collected(data, "grade34")
    return [_counts("EVENTS", counts, why), _counts("GRADE", grades, dict.fromkeys(levels, blank))]


def _intensity(data: Data, records: pd.DataFrame) -> tuple[DoseIntensity, str]:
    """Return the dose intensity, and why a part of it is not told."""
    doses, plan = records[records.dataset == "ADEX"], data.study.dosing
    nothing = DoseIntensity(float(len(doses)), *[np.nan] * 4)
    if "ADEX" not in data.schema:
        return DoseIntensity(*[np.nan] * 5), "not collected: the study has no dataset ADEX"
    given = doses[doses.number > 0]
    if given.family.nunique() > 1 or given.what.nunique() > 1:
        return nothing, "doses of several drugs or units are not added up"
    if (given.end_date > given.date).any():
        return nothing, "records of several days each do not tell how many doses they are"
    amount, day = given.number.to_numpy(), given.day.where(given.day < 0, given.day - 1).to_numpy()
    if plan is None:
        return dose_intensity(amount, day), "not stated: study.toml has no plan of dosing"
    if len(given) and (given.family != plan.unit).any():
        return dose_intensity(amount, day), f"not stated: the plan is in {plan.unit}, and doses are not"
    return dose_intensity(amount, day, plan.dose, plan.every_days), ""


def _specimens(data: Data, records: pd.DataFrame) -> list[pd.DataFrame]:
    """Count specimens and evaluable ones at each timepoint, and whether they form the pair that counts."""
    if "ADBE" not in data.schema:
        return []
    taken = records[records.dataset == "ADBE"]
    planned = _planned(data)
    visits = list(dict.fromkeys([*planned, *taken.visit]))
    evaluable = {visit: ((taken.visit == visit) & (taken.unused == "")).sum() for visit in visits}
    pair = float(len(planned) == 2 and all(evaluable[visit] for visit in planned))
    return [
        _counts("SPECIMEN", {visit: (taken.visit == visit).sum() for visit in visits}),
        _counts("SPECIMEN", evaluable, name="n_evaluable"),
        _counts("PAIR", {"evaluable": pair}),
    ]


def _planned(data: Data) -> list[str]:
    return [visit for visit in (data.study.timepoints.baseline, data.study.timepoints.follow_up) if visit]


def _markers(data: Data, records: pd.DataFrame) -> list[pd.DataFrame]:
    """Count the markers that can be used at both planned timepoints, of those of the study, family by family."""
    if "ADBM" not in data.schema:
        return []
    usable = records[(records.dataset == "ADBM") & (records.unused == "")]
    at = [set(usable.code[usable.visit == visit]) for visit in _planned(data)]
    paired = set.intersection(*at) if len(at) == 2 else set[str]()
    of = data.parameters.groupby("family", sort=False).PARAMCD
    return [
        _counts("FAMILY", {name: len(paired & set(codes)) for name, codes in of}, name="n_pairs"),
        _counts("FAMILY", {name: len(codes) for name, codes in of}, name="n_markers"),
        _counts("BELOW", {visit: (usable.below & (usable.visit == visit)).sum() for visit in _planned(data)}),
    ]


def _notes(data: Data, patient: Patient, why: str) -> list[str]:
    first = patient.subject[patient.origin] if patient.origin else None
    notes = [
        f"Days count from {ORIGINS[patient.origin]}, {first.date()}, which is day 1." if first is not None
        else "Days count from the first date recorded, as there is no first dose, enrolment or consent."
    ]  # fmt: skip
    if patient.origin != "TRTSDT":
        notes.append("This patient has had no dose.")
    if why and "ADEX" in data.schema:
        notes.append(f"Dose intensity: {why}.")
    absent = {"ADAE": "adverse events", "ADEX": "doses", "ADBE": "specimens", "ADBM": "biomarkers", "ADQS": "performance status"}  # fmt: skip
    lacking = [f"{text} ({name})" for name, text in absent.items() if name not in data.schema]
    return [*notes, *([f"Not collected in this study: {', '.join(lacking)}."] if lacking else [])]


def show(result: Result, data: Data) -> Layout:
    """Draw the card."""
    from core.tables.patient import patient_card

    return patient_card(result, data.study, data.parameters)


def answer(result: Result, data: Data) -> str:
    """Return the patient in a few short sentences."""
    from core.tables.patient import patient_answer

    return patient_answer(result, data.study, data.parameters)


def wide(result: Result) -> pd.DataFrame:
    """Return every record of the patient, as a reader wants them."""
    return result.records.reindex(columns=SHOWN)


def _course(result: Result, data: Data) -> "alt.LayerChart":
    from core.charts.patient import course

    if result.records.empty:
        return course(result, data.study, [], pd.DataFrame(), np.nan)
    spans = data.ask("subject_periods", patient_records.only(data.everybody, str(result.options["USUBJID"])))
    lanes = _lanes(data, str(result.options["follow"]))
    cut = study_day(pd.Series([pd.Timestamp(data.study.data_cut)]), _origin(result.records)).iloc[0]
    return course(result, data.study, lanes, _periods(data, result, spans), cut)


def _periods(data: Data, result: Result, spans: pd.DataFrame) -> pd.DataFrame:
    """Return the treatment and follow-up periods entered: label, first and last day; an open end is missing."""
    labels = {number: period.label for number, period in enumerate(data.study.periods, 1) if period.kind != "before"}
    kept = spans[spans.period.isin(labels) & spans.first_day.notna()]
    origin = _origin(result.records)
    days = {name: study_day(kept[name], origin) for name in ("first_day", "last_day")}
    return pd.DataFrame({"label": kept.period.map(labels).astype(object), **days})


def _origin(records: pd.DataFrame) -> pd.Timestamp:
    dates = records[(records.dataset == "ADSL") & records.date.notna()].set_index("code").date
    return next((dates[name] for name in ORIGINS if name in dates), records.date.min())


def _lanes(data: Data, follow: str) -> "list[Lane]":
    """Return whose values are drawn: performance status, the leading marker, and what the reader chose."""
    from core.charts.patient import Lane

    known = data.parameters
    leading = known[known.role == LEADING].head(1)
    chosen = known[(known.role == follow) | (follow == known.PARAMCD)]
    status = ordered.usual_parameter(data, ordered.DATASET) if ordered.DATASET in data.schema else ""
    lanes = [Lane(ordered.DATASET, status, ordered.parameters(data, ordered.DATASET)[status])] if status else []
    for marker in pd.concat([leading, chosen]).drop_duplicates("PARAMCD").itertuples():
        lanes.append(Lane("ADBM", marker.PARAMCD, marker.label, marker.unit, marker.scale == "log2"))
    dataset, _, code = follow.partition(".")
    if dataset in LABORATORY:
        lanes.append(Lane(dataset, code, ordered.parameters(data, dataset)[code]))
    return lanes


OUTPUT = Output(
    "patient_profile",
    "One patient",
    (USUBJID, FOLLOW, replace(CONF, on_page=False)),
    compute,
    show,
    figures={"course": Figure("Everything on one axis of days", _course, "item")},
    records=wide,
    answer=answer,
)
