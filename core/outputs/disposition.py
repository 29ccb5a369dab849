"""Who was treated, for how long, and how treatment and study ended."""

from collections.abc import Iterator
from dataclasses import replace

import numpy as np
import pandas as pd

from core.ard import Result, grid, join, rows
from core.data import Data
from core.outputs.catalogue import COLUMNS, CONF, Answer, Options, Output, group_name
from core.outputs.incidence import EMPTY_COLUMN
from core.stats.location import location
from core.stats.proportion import proportion
from core.study import Disposition, Population
from core.tables.disposition import disposition
from core.tables.layout import Layout
from core.where import Where

EVALUABLE_PAIR = "Evaluable pair"
ENDS = {"EOT": ("EOTSTT", "DCTREAS", "Treatment"), "EOS": ("EOSSTT", "DCSREAS", "Study")}
"""What ended -> its status and reason variables, and how it is called."""


def compute(data: Data, population: Population, options: Options) -> Answer:
    """Count populations, ends of treatment and study with their reasons; summarise exposure."""
    by = str(options["columns"])
    columns = data.ask("columns", population, by)
    records = data.ask("subject_records", population, by)
    registered = data.ask("registered", population, by).set_index("position").reindex(columns.position, fill_value=0)
    frames, notes = [_populations(data, population, options, columns, registered.n)], [_dated(registered.iloc[-1])]
    if "DTHFL" in records:
        frames.append(_counts("DTHFL", ["Y"], records.DTHFL, records.position, columns, options))
    else:
        notes.append("Deaths: not collected; ADSL has no DTHFL.")
    if "ADBE" in data.schema and data.study.timepoints.follow_up is not None:
        frames.append(_specimens(data, population, options, records, columns))
    for variable, (status, reason, called) in ENDS.items():
        known = [name for name in (status, reason) if name in records]
        if not known:
            notes.append(f"End of {called.lower()}: not collected; ADSL has neither {status} nor {reason}.")
            continue
        outcome = _outcome(data, records, status, reason)
        frames.append(_counts(variable, list(_ordered(data, outcome)), outcome, records.position, columns, options))
    for variable, label in data.study.disposition.exposure.items():
        if variable in records:
            frames += _exposure(variable, records, columns, group_name(options))
        else:
            notes.append(f"{label}: not collected; ADSL has no {variable}.")
    return Answer(join(frames), notes)


def behind(data: Data, population: Population, _: Options, about: tuple[str, str, str]) -> pd.DataFrame:
    """Return the subjects of one row, all columns together; of exposure those with a value."""
    variable, level = about[:2]
    subjects = data.ask("subject_records", population)
    if variable in data.study.disposition.exposure:
        kept = subjects[variable].notna()
    elif variable == "POPULATION":
        of = {each.label: each.where for each in data.study.populations}
        question = "subject_records" if level in of else "registered_subjects"
        inside = data.ask(question, population.filtered(of.get(level, Where())))
        kept = subjects.subject_code.isin(inside.subject_code)
    elif variable == "SPECIMEN":
        first, second = data.study.timepoints.baseline, str(data.study.timepoints.follow_up)
        found = data.ask("evaluable_pairs", population, earlier=first, later=second).set_index("subject_code")
        found["both"] = found.earlier & found.later
        column = {f"At {first}": "earlier", f"At {second}": "later"}.get(level, "both")
        kept = subjects.subject_code.map(found[column]).astype(bool)
    elif variable == "DTHFL":
        kept = subjects.DTHFL == "Y"
    else:
        status, reason = ENDS[variable][:2]
        kept = _outcome(data, subjects, status, reason) == level
    return subjects[kept].drop(columns=["position", "subject_code", "source_row"])


def show(result: Result, data: Data) -> Layout:
    """Draw populations, ends and exposure under each other."""
    return disposition(result, {variable: called for variable, (*_, called) in ENDS.items()}, data.study)


def _dated(total: pd.Series) -> str:
    """Return which date makes a subject registered."""
    if total.n == 0:
        return "Registered: nobody on view."
    if total.enrolled + total.consented == 0:
        return "Registered: every subject of ADSL; no date of enrolment or consent is supplied."
    by = [f"{n} by {name}" for n, name in ((total.enrolled, "ENRLDT"), (total.consented, "RFICDT")) if n]
    return f"Registered: dated {' and '.join(by)}."


def _populations(
    data: Data, population: Population, options: Options, columns: pd.DataFrame, registered: pd.Series
) -> pd.DataFrame:
    labels = ["Registered", *(each.label for each in data.study.populations)]
    by = str(options["columns"])
    counted = [data.ask("columns", population.filtered(each.where), by).N for each in data.study.populations]
    n = np.stack([np.asarray(counts, dtype=float) for counts in (registered, *counted)])
    return _share_rows("POPULATION", labels, n, columns, options)


def _specimens(
    data: Data, population: Population, options: Options, records: pd.DataFrame, columns: pd.DataFrame
) -> pd.DataFrame:
    """Count subjects with an evaluable specimen at each of the two timepoints, and at both."""
    first, second = data.study.timepoints.baseline, str(data.study.timepoints.follow_up)
    found = data.ask("evaluable_pairs", population, earlier=first, later=second).set_index("subject_code")
    here = found.loc[records.subject_code].set_index(records.position)
    here["both"] = here.earlier & here.later
    n = here.groupby(level=0).sum().reindex(columns.position, fill_value=0)
    labels = [f"At {first}", f"At {second}", EVALUABLE_PAIR]
    return _share_rows("SPECIMEN", labels, n[["earlier", "later", "both"]].to_numpy(dtype=float).T, columns, options)


def _outcome(data: Data, records: pd.DataFrame, status: str, reason: str) -> pd.Series:
    """One text a subject: the status when it is complete or ongoing, else the reason, else what is known."""
    coding = data.study.disposition
    known = records[status] if status in records else pd.Series(None, records.index, dtype=object)
    why = records[reason] if reason in records else pd.Series(None, records.index, dtype=object)
    settled = known.str.upper().isin(_settled(coding))
    return known.where(settled, why.where(why.notna(), known)).fillna("Not recorded")


def _settled(coding: Disposition) -> list[str]:
    return [value.upper() for value in (*coding.completed, *coding.ongoing)]


def _ordered(data: Data, outcome: pd.Series) -> Iterator[str]:
    """Completed, ongoing, then reasons by frequency, then what is not recorded."""
    coding = data.study.disposition
    first = _settled(coding)
    counts = outcome.value_counts()
    yield from sorted(
        (value for value in counts.index if value.upper() in first), key=lambda value: first.index(value.upper())
    )
    reasons = sorted(
        (-n, value) for value, n in counts.items() if value.upper() not in first and value != "Not recorded"
    )
    yield from (value for _, value in reasons)
    if "Not recorded" in counts:
        yield "Not recorded"


def _counts(
    variable: str, levels: list[str], outcome: pd.Series, position: pd.Series, columns: pd.DataFrame, options: Options
) -> pd.DataFrame:
    table = pd.crosstab(outcome, position).reindex(index=levels, columns=list(columns.position), fill_value=0)
    return _share_rows(variable, levels, table.to_numpy(dtype=float), columns, options)


def _share_rows(
    variable: str, levels: list[str], n: np.ndarray, columns: pd.DataFrame, options: Options
) -> pd.DataFrame:
    N = np.broadcast_to(columns.N.to_numpy(dtype=float)[None, :], n.shape)
    found = proportion(n, N, float(options["conf"]))
    named = pd.DataFrame({"variable": variable, "variable_level": levels, "group2": "", "group2_level": ""})
    stats = {name: getattr(found, name)[..., None] for name in ("n", "N", "percent", "conf_low", "conf_high")}
    return grid(named, group_name(options), list(columns.level), [""], stats, EMPTY_COLUMN)


def _exposure(variable: str, records: pd.DataFrame, columns: pd.DataFrame, group1: str) -> list[pd.DataFrame]:
    return [
        rows(
            location(records.loc[records.position == column.position, variable].to_numpy(dtype=float, na_value=np.nan)),
            "too few values",
            group1=group1, group1_level=column.level, variable=variable,
        )
        for column in columns.itertuples()
    ]  # fmt: skip


OUTPUT = Output(
    "disposition",
    "Populations, exposure and disposition",
    (COLUMNS, replace(CONF, on_page=False)),
    compute,
    show,
    behind=behind,
    listed="patient",
)
