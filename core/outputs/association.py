"""Do two measures move together? Rank correlation of any two, at timepoints or as changes, and what it rests on."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from core.ard import Result, join, rows
from core.data import Data
from core.formats import sentence_case
from core.outputs import association_notes, measures
from core.outputs.catalogue import CONF, Answer, Figure, Option, Options, Output
from core.outputs.comparison import UNSIZED
from core.outputs.correlated import FEW, NO_PAIR, TIED, Correlated, correlate
from core.outputs.measures import BLQ_OF_CHANGES, X_AT, Y_AT, Flags, Floats, Measure, X, Y
from core.stats.influence import Left, leave_one_out
from core.stats.kendall import kendall
from core.stats.location import location
from core.stats.monotone import monotone
from core.stats.partial_spearman import partial_spearman
from core.stats.pearson import pearson_log
from core.stats.spearman import spearman
from core.stats.spearman_influence import each_left_out
from core.stats.value_ranks import lowest_tied
from core.study import Population
from core.tables.layout import Layout

if TYPE_CHECKING:
    import altair as alt

NONE = "none"
EXACT_AT_MOST = 10
"""Pairs that an exact p is counted for when it is asked for."""


def _covariates(data: Data) -> dict[str, str]:
    """Return what a correlation may be adjusted for: the study's covariates, of ADSL or biomarkers."""
    labels = X.choices(data)
    return {NONE: "Nothing"} | {name: labels.get(name, name) for name in data.study.association.covariates}


def _is_covariate(data: Data, name: str) -> bool:
    return data.schema["ADSL"].get(name) == "DOUBLE" or name in set(data.parameters.PARAMCD)


def _groupings(data: Data) -> dict[str, str]:
    found = {f.variable: f.label for f in data.study.filters if f.variable in data.groupings}
    return {NONE: "One colour"} | found


WINDOW = Option(
    "window", "Nearest within (days)", 0.0, "number", maximum=120, whole=True,
    help="Where a measure of no tissue has no record at its timepoint, its record nearest in time to the other measure's, at most "
    "that many days away; 0 takes records of the timepoint only.",
)  # fmt: skip
ADJUST = Option(
    "adjust", "Adjust for", NONE, choices=_covariates, accepts=_is_covariate,
    help="Partial rank correlation, one covariate held the same: a numeric variable of ADSL, or a biomarker at the timepoint of "
    "the vertical axis.",
)  # fmt: skip
BY = Option(
    "by", "Colour by", NONE, choices=_groupings, accepts=lambda data, value: value in data.groupings,
    help="A subgroup variable; it colours the points and changes no number.",
)  # fmt: skip
AXES = Option(
    "axes", "Axes", "study",
    choices=lambda _: {"study": "As the study has them", "linear": "Linear", "log": "Logarithmic"},
    help="Of values; the axis of a change is linear always.", rare=True,
)  # fmt: skip
SMOOTH = Option(
    "smooth", "Line", "monotone", choices=lambda _: {"monotone": "Monotone", NONE: "None"},
    help="The line that rises or falls everywhere and passes nearest to the points; a rank correlation has no straight one.",
    rare=True,
)  # fmt: skip
METHOD = Option(
    "method", "p of rho", "auto", control="rho_method", rare=True,
    choices=lambda _: {"auto": "Exact up to 9 pairs", "exact": "Exact (10 pairs at most)", "asymptotic": "t approximation"},
    help="Where the p of Spearman's correlation comes from: all pairings, or the t distribution.",
)  # fmt: skip
PEARSON = Option(
    "pearson", "Pearson's correlation of logarithms", False, "flag", rare=True,
    help="Of values, and of changes that are ratios.",
)  # fmt: skip


@dataclass(frozen=True)
class Count:
    """Subjects on view: in the correlation, without one of the values, left out by rule or scale; and of the first, matched in time."""

    N: int
    n_pairs: int
    n_missing: int
    n_left_out: int
    n_matched: int


@dataclass(frozen=True)
class Share:
    """How many of n values are below the limit."""

    n: int
    n_below: int
    percent: float


def compute(data: Data, population: Population, options: Options) -> Answer:
    """Correlate two measures among the subjects on view."""
    if reason := _nothing(data, options):
        return Answer(join([]), [reason])
    x, y = (measures.read(data, population, options, axis) for axis in ("x", "y"))
    window = float(options["window"])
    x, y = (measures.matched(data, population, one, other, window) for one, other in ((x, y), (y, x)))
    found = correlate(
        x.ranks, y.ranks, data.study.association.most_below_percent, float(options["conf"]), _way(x, y, options)
    )
    covariate = _covariate(data, population, options)
    left = each_left_out(x.ranked, y.ranked, _way(x, y, options)) if found.allowed[0] else None
    records = _records(data, population, options, x, y, left)
    records["line"] = _line(records, x, y, options) if found.allowed[0] else np.nan
    key = {"variable": x.PARAMCD, "variable_level": x.at, "group2": y.PARAMCD, "group2_level": y.at}
    frames = [*_frames(x, y, found, left, covariate, options, key), *_axes(x, y, float(options["conf"]))]
    unplanned = association_notes.unplanned(data, population, options, x, y)
    notes = association_notes.notes(data, options, x, y, found, records, unplanned)
    return Answer(
        join(frames), notes, records, association_notes.methods(data, population, options, x, y, unplanned), unplanned
    )


def _nothing(data: Data, options: Options) -> str:
    """Return why there is nothing to correlate; empty when there is."""
    if data.parameters.empty or not data.timepoints:
        return "The study has no biomarker at any timepoint, so there is nothing to correlate."
    if (options["x"], options["x_at"]) == (options["y"], options["y_at"]):
        return "Both axes are the same measure; choose another for one of them."
    return ""


def _way(x: Measure, y: Measure, options: Options) -> str:
    """Return the method asked for; an exact p of more pairs than it is counted for is that of the usual rule."""
    pairs = int(np.count_nonzero(_paired(x, y)))
    return "auto" if options["method"] == "exact" and pairs > EXACT_AT_MOST else str(options["method"])


def _paired(x: Measure, y: Measure) -> Flags:
    """Return who is in the correlation: a rank on both axes."""
    return np.asarray(~np.isnan(x.ranked) & ~np.isnan(y.ranked))


def _covariate(data: Data, population: Population, options: Options) -> np.ndarray | None:
    """Return what is held the same, of every subject on view; None when nothing is."""
    name = str(options["adjust"])
    if name == NONE:
        return None
    if name in data.schema["ADSL"]:
        return data.ask("subject_records", population)[name].to_numpy(dtype=float)
    when = measures.moments(data)[str(options["y_at"])][-1]
    return lowest_tied(measures.read(data, population, {**options, "y": name, "y_at": when}, "y").ends[0])


def _frames(
    x: Measure, y: Measure, found: Correlated, left: Left | None, covariate: Any, options: Options, key: dict[str, str]
) -> Iterator[pd.DataFrame]:
    """Yield the rows of every statistic of the two together."""
    conf, n, usable = float(options["conf"]), int(found.n[0]), int(found.n_usable[0])
    matched = int(((x.matched | y.matched) & _paired(x, y)).sum())
    yield rows(Count(len(x.present), n, len(x.present) - usable, usable - n, matched), context="pairs", **key)
    one = _One(**{name: float(value[0]) for name, value in found.spearman.items()})
    yield rows(one, str(found.reason[0]), context="spearman", **key)
    allowed = bool(found.allowed[0])
    why = str(found.reason[0]) if not allowed or np.isnan(found.rho[0]) else ""
    first, second = (np.where(allowed, of.ranked, np.nan) for of in (x, y))
    tau: Any = kendall(first, second)
    yield rows(
        replace(tau, n=n, exact=np.nan if np.isnan(tau.tau_b) else tau.exact), why or TIED, context="kendall", **key
    )
    if left is not None:
        yield rows(leave_one_out(left), why or FEW, context="leave_one_out", **key)
    if covariate is not None:
        yield _partial(x, y, covariate, conf, key, why)
    if options["pearson"]:
        yield _pearson(x, y, conf, key, why)


def _partial(x: Measure, y: Measure, covariate: Floats, conf: float, key: dict[str, str], why: str) -> pd.DataFrame:
    """Correlate the ranks, the covariate held the same; where the two are not correlated, only those with all three are counted."""
    first, second = (np.full_like(of.ranked, np.nan) if why else of.ranked for of in (x, y))
    found = partial_spearman(first, second, covariate, conf)
    n = int(np.count_nonzero(_paired(x, y) & ~np.isnan(covariate)))
    few = (
        "fewer than four subjects with all three values"
        if n < 4
        else "the covariate, or an axis, orders as another does or not at all"
    )
    if n == 4 or abs(found.rho) == 1:
        few = "no interval of four subjects, or of a rho of 1 or -1"
    return rows(replace(found, n=np.array(n)), why or few, context="partial_spearman", **key)


@dataclass(frozen=True)
class _One:
    """Spearman's correlation of two measures."""

    n: float
    rho: float
    p_value: float
    conf_low: float
    conf_high: float
    exact: float


def _pearson(x: Measure, y: Measure, conf: float, key: dict[str, str], why: str) -> pd.DataFrame:
    """Correlate logarithms; a change on the log2 scale is one already, a difference has none.

    n counts those with a magnitude on both axes: a value below the limit may have a rank, but none.
    """
    differences = any(of.is_change and of.scale == "raw" for of in (x, y))
    logged = [np.exp2(of.analysed) if of.is_change else of.analysed for of in (x, y)]
    sized = ~np.isnan(logged[0]) & ~np.isnan(logged[1]) & _paired(x, y)
    first, second = (np.where(sized & (not (differences or why)), each, np.nan) for each in logged)
    unsigned = any((each[sized] <= 0).any() for each in logged)
    reason = "a difference has no logarithm" if differences else "a value that is not positive" if unsigned else ""
    few = "too few values with a magnitude (a p needs three, an interval four), or all the same"
    found = replace(pearson_log(first, second, conf), n=np.array(np.count_nonzero(sized)))
    return rows(found, why or reason or few, context="pearson_log", **key)


def _axes(x: Measure, y: Measure, conf: float) -> Iterator[pd.DataFrame]:
    """Yield of each axis where the values of the correlation lie; and, before any rule, how many are below the limit."""
    usable, pairs = x.present & y.present, _paired(x, y)
    n, N = int(pairs.sum()), int(usable.sum())
    for of in (x, y):
        key = {"variable": of.PARAMCD, "variable_level": of.at}
        n_below = int((of.below & usable).sum())
        yield rows(Share(N, n_below, 100 * n_below / N if N else np.nan), NO_PAIR, context="below_limit", **key)
        values = np.where(pairs, of.analysed, np.nan)
        sized = n == np.count_nonzero(~np.isnan(values))
        summary = location(values if sized else np.full_like(values, np.nan), conf)
        reason = (
            UNSIZED
            if not sized
            else "nobody is in the correlation"
            if not n
            else "too few values, or not all are positive"
        )
        yield rows(replace(summary, n=n, n_missing=len(values) - n), reason, context="summary", **key)


def _records(
    data: Data, population: Population, options: Options, x: Measure, y: Measure, left: Left | None
) -> pd.DataFrame:
    """Return one row per subject on view: both values as drawn and as recorded, their days, or why one is missing."""
    subjects = data.ask("subject_records", population)
    by = str(options["by"])
    nothing = np.full(len(subjects), np.nan)
    frame = pd.DataFrame({"USUBJID": subjects.USUBJID, "group": "" if by == NONE else subjects[by].fillna("Missing")})
    for name, of in (("x", x), ("y", y)):
        frame[name] = np.where(of.below & (not of.is_change), of.ends[0].limit, of.analysed)
        frame[f"{name}_text"] = association_notes.as_recorded(of)
        frame[f"{name}_below"], frame[f"{name}_limit"] = of.below, of.ends[0].limit if not of.is_change else nothing
        frame[f"{name}_ADT"], frame[f"{name}_matched"] = of.ADT[-1], of.matched
        frame[f"{name}_missing"] = np.where(of.left_out != "", of.left_out, of.missing)
    single = not (x.is_change or y.is_change)
    frame["days_between"] = (x.ADT[0] - y.ADT[0]).dt.days.astype(float) if single else nothing
    frame["paired"] = _paired(x, y)
    frame["rho_without"], frame["p_without"] = (left.estimates, left.p_values) if left else (nothing, nothing)
    return frame


def _line(frame: pd.DataFrame, x: Measure, y: Measure, options: Options) -> np.ndarray:
    """Return the height of the monotone line at each pair, fitted as the axes show it."""
    of_pairs = frame[["x", "y"]].to_numpy(dtype=float).T
    log = [_is_log(of.is_change, of.scale, options) for of in (x, y)]
    across, up = (_as_drawn(values, each) for values, each in zip(of_pairs, log, strict=True))
    drawn = frame.paired.to_numpy() & ~np.isnan(across) & ~np.isnan(up)
    if options["smooth"] == NONE or drawn.sum() < 2:
        return np.full(len(frame), np.nan)
    height = monotone(np.where(drawn, across, np.nan), up, rising=not spearman(x.ranked, y.ranked).rho < 0)
    return np.exp2(height) if log[1] else height


def _as_drawn(values: np.ndarray, log: bool) -> np.ndarray:
    return np.log2(values, out=np.full(values.shape, np.nan), where=values > 0) if log else values


def _is_log(is_change: bool, scale: str, options: Options) -> bool:
    """Whether an axis is logarithmic."""
    return not is_change and (options["axes"] == "log" or (options["axes"] == "study" and scale == "log2"))


def show(result: Result, data: Data) -> Layout:
    """Draw the correlations and what they rest on."""
    from core.tables.association import association_table

    return association_table(result, *_words(result, data), data.study)


def answer(result: Result, data: Data) -> str:
    """Return what was found in one sentence."""
    from core.tables.association import answer

    return answer(result, *_words(result, data)) if len(result.ard) else ""


def _words(result: Result, data: Data) -> tuple[Any, Any]:
    """Return how both axes read."""
    from core.charts.scatter import Axis

    labels, known = X.choices(data), data.parameters.set_index("PARAMCD")
    found = []
    for name in ("x", "y"):
        code, when = str(result.options[name]), str(result.options[f"{name}_at"])
        ends = measures.moments(data).get(when, ("",))
        scale, unit = (str(known[column].get(code, "")) for column in ("scale", "unit"))
        log = _is_log(len(ends) > 1, scale, result.options)
        found.append(Axis(labels.get(code, code), unit, when, scale, ends, log))
    return found[0], found[1]


def _scatter(result: Result, data: Data) -> "alt.LayerChart":
    from core.charts.scatter import scatter

    by = str(result.options["by"])
    return scatter(result, *_words(result, data), "" if by == NONE else sentence_case(data.study.subgroup_label(by)))


def wide(result: Result) -> pd.DataFrame:
    """Return one row a subject on view, pairs first: both values, as analysed and as recorded, and why one is missing."""
    if result.records.empty:
        return result.records
    found = result.records.sort_values("paired", ascending=False, kind="stable")
    columns: dict[str, Any] = {"USUBJID": found.USUBJID}
    columns |= {"group": found.group} if result.options["by"] != NONE else {}
    for name in ("x", "y"):
        label = f"{name}: {result.options[name]} at {result.options[f'{name}_at']}"
        columns |= {
            label: found[name], f"{name} as recorded": found[f"{name}_text"], f"{name} below limit": np.where(found[f"{name}_below"], "Y", "N"),
            f"{name} LLOQ": found[f"{name}_limit"], f"{name} date": found[f"{name}_ADT"].dt.strftime("%Y-%m-%d"),
            f"{name} nearest in time": np.where(found[f"{name}_matched"], "Y", "N"), f"{name} missing": found[f"{name}_missing"],
        }  # fmt: skip
    columns |= {"in analysis": np.where(found.paired, "Y", "N"), "days between (x - y)": found.days_between}
    return pd.DataFrame(columns | {"rho without": found.rho_without, "p without": found.p_without})


OUTPUT = Output(
    "association",
    "Association of two measures",
    (X, X_AT, Y, Y_AT, WINDOW, ADJUST, BY, AXES, SMOOTH, BLQ_OF_CHANGES, METHOD, PEARSON, CONF),
    compute,
    show,
    needs="ADBM",
    figures={"scatter": Figure("Scatter plot", _scatter, "USUBJID", "brushed")},
    records=wide,
    answer=answer,
)
