"""Which adverse events does CTCAE speak against? Each check, and every record that it is about."""

from dataclasses import dataclass, replace

import numpy as np
import pandas as pd

from core.ard import Result, grid
from core.data import Data
from core.dictionaries import VERSION
from core.formats import counted
from core.outputs import ctcae_events, ctcae_labs
from core.outputs.catalogue import CONF, Answer, Options, Output
from core.outputs.ctcae_events import Found
from core.outputs.incidence import EMPTY_COLUMN, shares
from core.study import Population
from core.tables.ctcae import CHECK, CHECKS, INFORMATION, checks_table
from core.tables.layout import Layout

NOT_GRADED = "not graded"


@dataclass(frozen=True)
class Checked:
    """Every check of the events on view, and every finding as a record; `notes` are what a reader must know of them."""

    found: dict[str, Found]
    records: pd.DataFrame
    notes: tuple[str, ...]


def compute(data: Data, population: Population, options: Options) -> Answer:
    """Count findings, and subjects with one, check by check."""
    checked = _checked(data, population)
    N = float(data.ask("subject_count", population).N[0])
    table = pd.DataFrame({"variable": CHECK, "variable_level": list(CHECKS), "group2": "", "group2_level": ""})
    records = checked.records
    n = np.array([records.USUBJID[records.check == check].nunique() for check in CHECKS], dtype=float)
    events = np.array([(records.check == check).sum() for check in CHECKS], dtype=float)
    judged = np.array([checked.found[check].checked for check in CHECKS])
    none = np.isnan(judged)
    n[none], events[none] = np.nan, np.nan
    stats = shares(n[:, None, None], np.array([N]), events[:, None, None], float(options["conf"]))
    why = np.array([checked.found[check].why or EMPTY_COLUMN for check in CHECKS], dtype=object)
    ard = grid(table, "", [""], [""], {**stats, "checked": judged[:, None, None]}, why[:, None, None])
    return Answer(ard, list(checked.notes), records)


def _checked(data: Data, population: Population) -> Checked:
    events, subjects = ctcae_events.read(data, population), data.ask("subject_records", population)
    why = _not_graded(data)
    labs, told = (Found(np.nan, why=why), []) if why else ctcae_labs.contradictions(data, population, events)
    deaths, causes = (Found(np.nan, why=why), pd.Series(dtype=object)) if why else ctcae_events.deaths_without_grade5(data, events, subjects)  # fmt: skip
    found = {
        "unknown_term": ctcae_events.unknown_terms(events),
        "other_class": ctcae_events.other_classes(events),
        "impossible_grade": Found(np.nan, why=why) if why else ctcae_events.impossible_grades(events),
        "grade5_alive": Found(np.nan, why=why) if why else ctcae_events.grade5_alive(events, subjects),
        "death_without_grade5": deaths,
        "overlap": ctcae_events.overlaps(events),
        "laboratory": labs,
    }
    return Checked(found, _records(data, events, subjects, found, causes), (*_notes(data, events), *told))


def _not_graded(data: Data) -> str:
    """Return why no grade can be checked; empty when they can."""
    coding = data.study.adverse_events
    if not coding.graded:
        return f"{NOT_GRADED}: {coding.grade} holds {', '.join(coding.levels)}, not the grades of CTCAE"
    return "" if data.collected["grade34"][0] else f"{NOT_GRADED}: {data.collected['grade34'][1]}"


def _records(
    data: Data, events: pd.DataFrame, subjects: pd.DataFrame, found: dict[str, Found], causes: pd.Series
) -> pd.DataFrame:
    """Return one row per finding: the check, the record as it stands in its file, and what is the matter with it."""
    coding = data.study.adverse_events
    recorded = ("AESEQ", "AETERM", coding.term, coding.soc, coding.grade, "ASTDT", "AENDT", "AEOUT")
    kept = [name for name in dict.fromkeys(recorded) if name in events]
    parts = []
    for check in CHECKS:
        findings = found[check].findings
        parts.append(_rows(events, "ADAE", check, findings, kept))
        if check == "death_without_grade5" and len(causes):
            parts.append(_rows(subjects, "ADSL", check, causes, []))
    return pd.concat([part for part in parts if len(part)] or parts[:1], ignore_index=True)


def _rows(frame: pd.DataFrame, dataset: str, check: str, findings: pd.Series, kept: list[str]) -> pd.DataFrame:
    at = frame.loc[findings.index]
    first = {"USUBJID": at.USUBJID, "check": check, "finding": findings, "dataset": dataset, "row": at.source_row}
    return pd.DataFrame(first, index=at.index).join(at[kept]).sort_values("row", kind="stable")


def _notes(data: Data, events: pd.DataFrame) -> list[str]:
    named = data.study.adverse_events.ctcae_version
    version = f"; the study names version {named}, which is not a published one" if named and named != VERSION else ""
    told = [f"Checked against NCI CTCAE version {VERSION}, as published in 2010{version}."]
    mapped = events[(events.ctcae != "") & ~events.exact]
    if len(mapped):
        told.append(
            f"{counted(len(mapped), 'event has', 'events have')} one of {counted(mapped.term.nunique(), 'term')} that "
            "CTCAE calls otherwise, such as Neutropenia, which is Neutrophil count decreased: checked under that name, but for the class."
        )
    vague = int(events.start.isna().sum())
    if vague:
        told.append(
            f"{counted(vague, 'event has', 'events have')} an onset that is not known to the day, and "
            f"{'is' if vague == 1 else 'are'} not checked for overlaps or against laboratory values."
        )
    return told


def behind(data: Data, population: Population, options: Options, about: tuple[str, str, str]) -> pd.DataFrame:
    """Return the findings of one check."""
    records = wide(compute(data, population, {**options, "conf": options.get("conf", CONF.default)}).records)
    return records[records.check == CHECKS[about[1]].label]


def wide(records: pd.DataFrame) -> pd.DataFrame:
    """Return findings with their check as a reader knows it."""
    return records.assign(check=records.check.map({name: check.label for name, check in CHECKS.items()}))


def show(result: Result, _: Data) -> Layout:
    """Draw one row a check."""
    return checks_table(result)


def answer(result: Result, _: Data) -> str:
    """Return how many records have a finding, and how many checks could not be made; unlisted terms are information only."""
    if result.ard.empty:
        return ""
    judged = result.ard[result.ard.stat_name == "checked"].stat
    left_out = f" {judged.isna().sum()} of {len(judged)} checks could not be made." if judged.isna().any() else ""
    doubtful = result.records[~result.records.check.isin(INFORMATION)].drop_duplicates(["dataset", "row"])
    if doubtful.empty:
        return f"CTCAE checks: no record has a finding.{left_out}"
    who = counted(doubtful.USUBJID.nunique(), "patient")
    verb = "has" if len(doubtful) == 1 else "have"
    return f"CTCAE checks: {counted(len(doubtful), 'record')} of {who} {verb} a finding.{left_out}"


OUTPUT = Output(
    "ctcae_checks",
    "Adverse events against CTCAE",
    (replace(CONF, on_page=False),),
    compute,
    show,
    needs="ADAE",
    records=lambda result: wide(result.records),
    answer=answer,
    behind=behind,
    listed="finding",
)
