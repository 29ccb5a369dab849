"""Grades of adverse events that laboratory values define, against the values recorded while the event lasted."""

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from core.data import Data
from core.dictionaries import ABSOLUTE, Laboratory, ctcae
from core.formats import NOT_COLLECTED
from core.outputs.ctcae_events import Found
from core.stats.lab_grade import Graded, lab_grade
from core.study import Population

DATASETS = ("ADLB", "ADLBC", "ADLBH")
NORMAL = {"LLN": ("ANRLO", "A1LO"), "ULN": ("ANRHI", "A1HI"), "baseline": ("BASE",)}
"""Where a record keeps what its limits are multiples of; the first that it has."""

UNITS = ("AVALU", "LBSTRESU")
ALTERNATIVE = "baseline"
"""A second way to grade one value: a grade is contradicted when neither way gives it."""


def contradictions(data: Data, population: Population, events: pd.DataFrame) -> tuple[Found, list[str]]:
    """Return the events whose grade the values of their time contradict, and what a reader must know of it.

    Parameters
    ----------
    events : DataFrame
        Of `core.outputs.ctcae_events.read`.

    Returns
    -------
    Found
        A value is worse than every record of its day, or no value of an event reaches its grade.
    list of str
        Notes.
    """
    there = [name for name in DATASETS if name in data.schema]
    if not there:
        return Found(np.nan, why=f"{NOT_COLLECTED}: the study has none of the datasets {', '.join(DATASETS)}"), []
    known = list(ctcae().laboratory)
    codes = [code for each in known for code in each.codes]
    usable = [name for name in there if {"PARAMCD", "ADT", "AVAL"} <= data.schema[name].keys()]
    asked = [data.ask("lab_values", population, dataset=name, parameters=codes) for name in usable]
    values = pd.concat(
        [frame for frame in asked if len(frame)] or [pd.DataFrame(columns=["PARAMCD"])], ignore_index=True
    )
    judged, findings, unclear = 0, [pd.Series(dtype=object)], 0
    for each in known:
        of = events[(events.ctcae == each.term) & (events.grade > 0)]
        there_are = values[values.PARAMCD.isin(each.codes)]
        if of.empty or there_are.empty:
            continue
        graded = grade(there_are, each)
        unclear += int((_unit(there_are) == "").sum()) if any(limit.of == ABSOLUTE for limit in each.limits) else 0
        found = _against(of, there_are.assign(lowest=graded.lowest, highest=graded.highest), each)
        judged += int(found.checked)
        findings.append(found.findings)
    notes = [f"{unclear:,} laboratory values are in a unit that is not known, so only their limits of normal are used."]
    joined = pd.concat([each for each in findings if len(each)] or findings[:1]).sort_index()
    return Found(judged, joined), notes if unclear else []


def grade(values: pd.DataFrame, of: Laboratory) -> Graded:
    """Return the grades that values can have by CTCAE.

    Parameters
    ----------
    values : DataFrame
        Records of one analyte: AVAL and, as far as recorded, a unit (AVALU, LBSTRESU, or in parentheses at the end of
        PARAM), limits of normal (ANRLO and ANRHI, or A1LO and A1HI) and BASE.

    Returns
    -------
    Graded
        Where CTCAE has a second way, by multiples of the baseline, from the lower to the higher of both.

    Examples
    --------
    >>> creatinine = next(each for each in ctcae().laboratory if "CREAT" in each.codes)
    >>> records = pd.DataFrame({"AVAL": [2.1, 2.1], "A1HI": [1.3, 1.3], "BASE": [0.6, float("nan")]})
    >>> found = grade(records, creatinine)
    >>> found.lowest.tolist(), found.highest.tolist()
    ([2, 2], [3, 3])
    """
    ways = [[limit for limit in of.limits if (limit.of == ALTERNATIVE) == second] for second in (False, True)]
    found = [(_limits(values, way), way) for way in ways if way]
    graded = [lab_grade(values.AVAL, limits, of.side) for limits, _ in found]
    lowest, highest = graded[0].lowest, graded[0].highest
    for (limits, _), other in zip(found[1:], graded[1:], strict=True):
        told = ~np.isnan(limits).all(axis=1)
        lowest = np.where(told, np.minimum(lowest, other.lowest), lowest)
        highest = np.maximum(highest, other.highest)
    return Graded(lowest, highest)


def _limits(values: pd.DataFrame, way: list) -> NDArray[np.float64]:
    """Return what each value must be beyond for Grade 1, 2, ...; NaN where that is not known."""
    unit = _unit(values).to_numpy()
    limits = np.full((len(values), max(limit.grade for limit in way)), np.nan)
    for limit in way:
        at = limits[:, limit.grade - 1]
        if limit.of == ABSOLUTE:
            at[unit == limit.unit] = limit.limit
        else:
            normal = _first(values, NORMAL[limit.of])
            at[:] = np.where(normal > 0, limit.limit * normal, np.nan)
    return limits


def _first(values: pd.DataFrame, names: tuple[str, ...]) -> NDArray[np.float64]:
    found = pd.Series(np.nan, values.index)
    for name in names:
        if name in values:
            found = found.fillna(pd.to_numeric(values[name], errors="coerce"))
    return found.to_numpy(dtype=float)


def _unit(values: pd.DataFrame) -> pd.Series:
    """Return the unit of each value as the limits write it; empty when it is not known."""
    text = pd.Series(None, values.index, dtype=object)
    for name in UNITS:
        if name in values:
            text = text.where(text.notna(), values[name])
    if "PARAM" in values:
        text = text.where(
            text.notna(), values.PARAM.astype("string").str.extract(r"\(([^()]*)\)\s*$")[0].astype(object)
        )
    known = {each: ctcae().unit(str(each)) for each in text.dropna().unique()}
    return text.map(known).astype(object).fillna("")


def _against(events: pd.DataFrame, values: pd.DataFrame, of: Laboratory) -> Found:
    """Compare the events of one term with the values of their days."""
    about = ["subject_code", "grade", "start", "earliest", "latest", "stop"]
    left = events[about].assign(event=events.index)
    shown = values.assign(value=values.index)[["subject_code", "value", "ADT", "AVAL", "lowest", "highest"]]
    pairs = left.merge(shown, on="subject_code")
    # Records of the same term that may cover the day explain a value, whichever of them names its grade.
    covering = pairs[pairs.ADT.between(pairs.earliest, pairs.latest)]
    most = covering.groupby("value").grade.max()
    during = covering[covering.ADT.between(covering.start, covering.stop)]
    worse = during[(during.lowest > during.value.map(most)) & (during.grade == during.value.map(most))]
    worse = worse.sort_values(["event", "lowest", "ADT"], ascending=[True, False, True]).drop_duplicates("event")
    # On the day on which an event ends a value tells of its end.
    inside = during[during.ADT.lt(during.stop) | during.ADT.eq(during.start)]
    best = inside.sort_values(["event", "highest", "ADT"], ascending=[True, False, True]).drop_duplicates("event")
    milder = best[(best.highest < best.grade) & ~best.grade.isin(of.clinical) & ~best.event.isin(worse.event)]
    named = _named(values)
    told = {row.event: f"{_reads(row, named)} {_grade(row, 'lowest')}, worse than the Grade {row.grade} recorded" for row in worse.itertuples()}  # fmt: skip
    told |= {row.event: f"{_reads(row, named)}, the worst value while it lasted, {_grade(row, 'highest')}, milder than the Grade {row.grade} recorded" for row in milder.itertuples()}  # fmt: skip
    return Found(during.event.nunique(), pd.Series(told, dtype=object))


def _named(values: pd.DataFrame) -> pd.Series:
    return (values.PARAM.fillna(values.PARAMCD) if "PARAM" in values else values.PARAMCD).astype(str)


def _reads(row, named: pd.Series) -> str:  # type: ignore[no-untyped-def]
    return f"{named[row.value]} {row.AVAL:.12g} on {row.ADT.date().isoformat()}"


def _grade(row, side: str) -> str:  # type: ignore[no-untyped-def]
    grade = getattr(row, side)
    bound = "" if row.lowest == row.highest else "at least " if side == "lowest" else "at most "
    return f"is {bound}Grade {grade}" if grade else "has no grade"
