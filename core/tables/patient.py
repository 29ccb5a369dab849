"""The card of one patient, from results and records to a layout."""

from collections.abc import Iterator

import numpy as np
import pandas as pd

from core.ard import Result
from core.formats import NOT_COLLECTED, counted, fixed, named, percentage, recorded, sentence_case, significant
from core.study import Study
from core.tables.layout import Column, Layout, Row, subtitle

NOT_RECORDED = "not recorded"
SPECIMEN = "Specimen: "
"""What stands before the method where a specimen is one of many records."""

PERSON = {"SITEID": "Site", "AGE": "Age", "SEX": "Sex", "RACE": "Race"}
EVENTS = {
    "all": "events", "teae": "treatment-emergent", "serious": "serious", "related": "related", "fatal": "leading to death",
    "discontinued": "leading to discontinuation",
}  # fmt: skip
Line = tuple[str, str]


class _Card:
    """What the lines of the card are read from."""

    def __init__(self, result: Result, study: Study, parameters: pd.DataFrame) -> None:
        self.result, self.study, self.parameters = result, study, parameters
        self.records = result.records
        self.own = self.records[self.records.dataset == "ADSL"].set_index("code")
        ard = result.ard
        self.stats = dict(zip(zip(ard.variable, ard.variable_level, ard.stat_name, strict=True), ard.stat, strict=True))
        self.why = dict(zip(zip(ard.variable, ard.variable_level, ard.stat_name, strict=True), ard.warning, strict=True))  # fmt: skip

    def of(self, dataset: str) -> pd.DataFrame:
        """The records of one dataset."""
        return self.records[self.records.dataset == dataset]

    def text(self, variable: str) -> str:
        """A value of ADSL as a reader sees it; empty when it is missing."""
        return sentence_case(str(self.own.value[variable])) if variable in self.own.index else ""

    def date(self, variable: str) -> str:
        """A date of ADSL with its study day; empty when it is missing."""
        if variable not in self.own.index or pd.isna(self.own.date[variable]):
            return ""
        return _dated(self.own.loc[variable])


def patient_card(result: Result, study: Study, parameters: pd.DataFrame) -> Layout:
    """Return who the patient is, when, what was given, which specimens and markers can be used, and what happened.

    Parameters
    ----------
    result : Result
        Of the output patient_profile.
    study : Study
        Its timepoints, visits, filters and plan of dosing.
    parameters : DataFrame
        The study's biomarkers: PARAMCD, label, family.

    Examples
    --------
    >>> from core.ard import join
    >>> options = {"USUBJID": "01"}
    >>> result = Result("x", "One patient", "s", "S", True, "2024-12-31", "", "Safety", "", 0, options, join([]))
    >>> patient_card(result, Study(id="s", title="S", data_cut="2024-12-31"), pd.DataFrame()).title
    'One patient: 01'
    """
    title = f"{result.title}: {result.options['USUBJID']}"
    column = (Column("", align="left"),)
    if result.records.empty:
        return Layout(title, subtitle(result), "", column, (), result.notes)
    card = _Card(result, study, parameters)
    sections = {
        "Patient": _person, "Dates": _dates, "Treatment": _treatment, "Specimens": _specimens, "Markers": _markers,
        "Performance status": _status, "Adverse events": _events,
    }  # fmt: skip
    rows: list[Row] = []
    for heading, lines in sections.items():
        found = list(lines(card))
        if found:
            rows.append(Row(heading, ("",)))
            rows += [Row(label, (text,), 1) for label, text in found]
    return Layout(title, subtitle(result), "", column, tuple(rows), result.notes)


def patient_answer(result: Result, study: Study, parameters: pd.DataFrame) -> str:
    """Return the patient in a few short sentences; nothing when the patient is not on view.

    Examples
    --------
    >>> from core.ard import join
    >>> options = {"USUBJID": "01"}
    >>> result = Result("x", "One patient", "s", "S", True, "2024-12-31", "", "Safety", "", 0, options, join([]))
    >>> patient_answer(result, Study(id="s", title="S", data_cut="2024-12-31"), pd.DataFrame())
    ''
    """
    if result.records.empty:
        return ""
    card = _Card(result, study, parameters)
    told = [", ".join(f"{label} {card.text(name)}" for name, label in PERSON.items() if card.text(name))]
    for heading, lines in (("Doses", _treatment), ("Evaluable pair", _specimens), ("Death", _dates)):
        text = dict(lines(card)).get(heading, "")
        told.append(f"{heading}: {text}" if text and text != NOT_COLLECTED else "")
    events = dict(_events(card))
    told.append(f"{events['Events'].split(',')[0]}, worst {events['Worst grade']}" if "Worst grade" in events else events.get("Events", "").split(",")[0])  # fmt: skip
    return " ".join(f"{text}." for text in told if text)


def _person(card: _Card) -> Iterator[Line]:
    shown = {**PERSON, **({card.study.arm: "Arm"} if card.study.arm else {})}
    shown |= {each.variable: each.label for each in card.study.filters if each.variable not in ("AGEGR1", *shown)}
    for variable, label in shown.items():
        if variable in card.own.index or variable in PERSON:
            yield label, card.text(variable) or NOT_RECORDED
    levels = [level for variable, level, _ in card.stats if variable == "POPULATION"]
    yield "Populations", ", ".join(level for level in levels if card.stats["POPULATION", level, "n"]) or "none"


def _dates(card: _Card) -> Iterator[Line]:
    registered = next((name for name in ("ENRLDT", "RFICDT") if card.date(name)), "")
    if registered:
        yield "Registered", f"{card.date(registered)}, {'enrolment' if registered == 'ENRLDT' else 'informed consent'}"
    for variable, label in (("TRTSDT", "First dose"), ("TRTEDT", "Last dose")):
        yield label, card.date(variable) or NOT_RECORDED
    for label, status, reason, day in (
        ("End of treatment", "EOTSTT", "DCTREAS", ""), ("End of study", "EOSSTT", "DCSREAS", "EOSDT"),
    ):  # fmt: skip
        known = [
            text
            for text in (card.text(status), card.text(reason), card.date(day) or card.date("RFENDT") if day else "")
            if text
        ]
        yield label, ", ".join(known) or NOT_RECORDED
    if card.date("DTHDT") or card.text("DTHFL") == "Y":
        yield "Death", ", ".join(filter(None, (card.date("DTHDT") or "date not recorded", card.text("DTHCAUS"))))
    if card.date("LSTALVDT"):
        yield "Last known alive", card.date("LSTALVDT")
    yield "Data cut", card.result.data_cut


def _treatment(card: _Card) -> Iterator[Line]:
    doses, plan = card.of("ADEX"), card.study.dosing
    stats = {name: card.stats["DOSES", "", name] for name in ("n", "cumulative", "mean", "per_interval", "relative")}
    why = card.why["DOSES", "", "relative"]
    if np.isnan(stats["n"]):
        yield "Doses", NOT_COLLECTED
    elif not stats["n"]:
        yield "Doses", "none"
    else:
        days = doses.sort_values("date")
        yield "Doses", f"{fixed(stats['n'], 0)}, {_dated(days.iloc[0])} to {_dated(days.iloc[-1])}"
        unit = doses.family.iloc[0]
        if not np.isnan(stats["cumulative"]):
            yield "Cumulative dose", f"{recorded(stats['cumulative'])} {unit}, mean {significant(stats['mean'])} {unit}".strip()  # fmt: skip
        if plan is not None and not np.isnan(stats["relative"]):
            rate = f"{significant(stats['per_interval'])} {plan.unit} per {plan.every_days} days"
            planned = f"{percentage(stats['relative'])}% of the plan of {recorded(plan.dose)} {plan.unit}"
            yield "Dose intensity", f"{rate}, {planned}"
        else:
            yield "Dose intensity", why
    for variable, label in card.study.disposition.exposure.items():
        if variable in card.own.index:
            yield label, f"{card.text(variable)}, as recorded"


def _specimens(card: _Card) -> Iterator[Line]:
    taken = card.of("ADBE")
    visits = [level for variable, level, name in card.stats if variable == "SPECIMEN" and name == "n"]
    windows = {visit.AVISIT: visit for visit in card.study.visits}
    for visit in visits:
        here = taken[taken.visit == visit]
        yield visit, "; ".join(_specimen(each) for each in here.itertuples()) or "none recorded"
    later = card.study.timepoints.follow_up
    if later in visits:
        days = sorted({f"{day:.0f}" for day in taken[(taken.visit == later) & taken.day.notna()].day}, key=float)
        window = windows.get(str(later))
        planned = f"planned {window.target_day}, window {window.first_day} to {window.last_day}" if window else "no window stated"  # fmt: skip
        yield f"Actual day of {later}", f"{' and '.join(days) or 'no specimen with a date'} ({planned})"
    if ("PAIR", "evaluable", "n") in card.stats:
        first = card.study.timepoints.baseline
        lacking = [visit for visit in (first, later) if visit and not card.stats["SPECIMEN", visit, "n_evaluable"]]
        yield "Evaluable pair", f"no, none evaluable at {' and '.join(lacking)}" if lacking else "yes"


def _specimen(each) -> str:  # type: ignore[no-untyped-def]
    method = each.what.removeprefix(SPECIMEN)
    verdict = "evaluable" if not each.unused else f"not evaluable: {each.unused}"
    return f"{method}, {_dated(each)}, {verdict}" if pd.notna(each.date) else f"{method}, no date, {verdict}"


def _markers(card: _Card) -> Iterator[Line]:
    """Yield family by family which markers can be used at both timepoints, and which values are below their limit."""
    measured = card.of("ADBM")
    usable = measured[measured.unused == ""]
    planned = [visit for visit in (card.study.timepoints.baseline, card.study.timepoints.follow_up) if visit]
    for family in [level for variable, level, name in card.stats if variable == "FAMILY" and name == "n_pairs"]:
        n, of = card.stats["FAMILY", family, "n_pairs"], card.stats["FAMILY", family, "n_markers"]
        known = card.parameters[card.parameters.family == family]
        paired = [row.label for row in known.itertuples() if all((usable[usable.code == row.PARAMCD].visit == visit).any() for visit in planned)]  # fmt: skip
        lacking = [label for label in known.label if label not in paired]
        text = f"pair in {fixed(n, 0)} of {counted(int(of), 'marker')}"
        told = f"; {named(paired)}" if n and n <= of / 2 else f"; not {named(lacking)}" if n and lacking else ""
        yield family.replace("_", " ").capitalize() or "Other markers", text + told
    for visit in planned:
        if ("BELOW", visit, "n") in card.stats:
            below = usable[usable.below & (usable.visit == visit)]
            yield f"Below the limit at {visit}", named(below.what) or "none"


def _status(card: _Card) -> Iterator[Line]:
    scores = card.of("ADQS")
    for code, of in scores[scores.number.notna()].groupby("code", sort=False):
        dated = of.sort_values("date", kind="stable")
        worst = dated.number.max()
        texts = [f"{label} {recorded(x)}" for label, x in (("first", dated.number.iloc[0]), ("highest", worst), ("last", dated.number.iloc[-1]))]  # fmt: skip
        yield str(code), ", ".join(texts) + f", of {counted(len(dated), 'value')}"


def _events(card: _Card) -> Iterator[Line]:
    total = card.stats.get(("EVENTS", "all", "n"))
    if total is None:
        return
    told = []
    for name, label in EVENTS.items():
        key = ("EVENTS", name, "n")
        told.append(
            f"{label}: {NOT_COLLECTED}" if np.isnan(card.stats[key]) else f"{fixed(card.stats[key], 0)} {label}"
        )
    yield "Events", ", ".join(told)
    coding = card.study.adverse_events
    grades = [(level, card.stats["GRADE", level, "n"]) for level in coding.levels]
    if any(np.isnan(n) for _, n in grades):
        yield "Worst grade", NOT_COLLECTED
        return
    there = [(level, n) for level, n in grades if n]
    if there:
        yield "Worst grade", coding.grade_label(there[-1][0])
        yield "By grade", ", ".join(f"{coding.grade_label(level)}: {fixed(n, 0)}" for level, n in there)


def _dated(record) -> str:  # type: ignore[no-untyped-def]
    return f"{record.date.date().isoformat()} (day {record.day:.0f})"
