"""Which markers changed between two timepoints? All of them at once, adjusted within their families."""

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from core.ard import Result, grid, join
from core.data import Data
from core.formats import TESTS, confidence_level, counted, named
from core.outputs import markers
from core.outputs.catalogue import CONF, Answer, Figure, Option, Options, Output
from core.outputs.change_notes import USUAL_ALPHA
from core.outputs.comparison import FEW, NO_LOGARITHM, NO_PAIR, SAME, UNSIZED
from core.outputs.markers import BLQ, FAMILY, FROM, TO, Pairs
from core.outputs.methods import methods
from core.outputs.paired_change import ZEROS
from core.stats.effect_size import d_z
from core.stats.hodges_lehmann import hodges_lehmann
from core.stats.multiplicity import adjust
from core.stats.paired_t import paired_t
from core.stats.signed_rank import signed_rank
from core.study import Population
from core.tables.layout import Layout

if TYPE_CHECKING:
    import altair as alt

Floats = NDArray[np.float64]
Statistics = dict[str, dict[str, Floats]]
"""Context -> statistic -> one number a marker."""
DRAWN, MOST_NAMED = 60, 10
"""Markers that a figure has room for, and that a note names."""

SORT = Option(
    "order", "Order", "study",
    choices=lambda _: {"study": "By family", "p": "Smallest p first", "effect": "Largest |d_z| first", "name": "Name"},
    help="Of rows and figures; p is that of the pre-specified test.",
)  # fmt: skip


@dataclass(frozen=True)
class Panel:
    """All markers of a study at two timepoints: changes of shape (markers, subjects), and statistics of each marker.

    reason has, for each marker, why it has no magnitude; empty where it has one.
    """

    pairs: Pairs
    scale: NDArray[np.str_]
    change: Floats
    n: NDArray[np.int64]
    reason: NDArray[np.object_]
    statistics: Statistics


def compute(data: Data, population: Population, options: Options) -> Answer:
    """Compare every marker, adjust within the families of the study, and keep those that are asked for."""
    if reason := markers.nothing_to_compare(data):
        return Answer(join([]), [reason])
    panel = compare(data, population, options)
    shown = _shown(panel, data, options)
    frame = _ard(panel, shown, float(options["conf"]))
    unplanned = markers.unplanned(data, population, options, panel.pairs.pick(shown))
    pairs = f"{counted(len(shown), 'marker was', 'markers were')} compared"
    scales = list(panel.scale[shown])
    told = methods(data, population, options, pairs, scales, unplanned)
    told += " P-values of the pre-specified test were adjusted by Benjamini-Hochberg (q) and Holm within the families of the study."
    return Answer(
        frame, _notes(panel, shown, data, options, unplanned), _records(panel, shown[:DRAWN]), told, unplanned
    )


def compare(data: Data, population: Population, options: Options) -> Panel:
    """Compute every statistic of every marker at once."""
    pairs = markers.read(data, population, options)
    rule, scale = str(options["blq"]), markers.scale_of(pairs.markers, options)
    between = markers.changes(pairs, rule, scale)
    change, sized = between.change, between.sized
    n = np.count_nonzero(~np.isnan(between.sign), axis=1)
    reason = np.where(sized, "", NO_LOGARITHM if rule == "zero" else UNSIZED).astype(object)
    found = _statistics(pairs, change, n, sized, options)
    tested = found[data.study.design.test]["p_value"]
    family = pd.factorize(pairs.markers.family)[0]
    q = adjust(np.where(pairs.markers.family == "", np.nan, tested), family)
    return Panel(pairs, scale, change, n, reason, found | {"adjusted": {"q_bh": q.q_bh, "p_holm": q.p_holm}})


def _statistics(
    pairs: Pairs, change: Floats, n: NDArray[np.int64], sized: NDArray[np.bool_], options: Options
) -> Statistics:
    conf, both = float(options["conf"]), pairs.paired
    ranks = _fields(signed_rank(change, str(options["zeros"])))
    for name in ("n_zero", "n_tied", "exact"):
        ranks[name] = np.where(sized & (n > 0), ranks[name], np.nan)
    t, shift = _fields(paired_t(change, conf)), _fields(hodges_lehmann(change, conf))
    ratios = {
        context: {name: np.exp2(statistic[of]) for name, of in named.items()}
        for context, statistic, named in (
            ("fold_change", t, {"estimate": "mean_change", "conf_low": "conf_low", "conf_high": "conf_high"}),
            ("fold_shift", shift, {name: name for name in ("estimate", "conf_low", "conf_high")}),
        )
    }
    below = np.count_nonzero(pairs.earlier.below & both, axis=1) + np.count_nonzero(pairs.later.below & both, axis=1)
    values = 2.0 * np.count_nonzero(both, axis=1)
    share = np.divide(100.0 * below, values, out=np.full(len(values), np.nan), where=values > 0)
    return {
        "paired_t": t | {"n": n.astype(float)},
        "wilcoxon": ranks | {"n": n.astype(float)},
        "hodges_lehmann": shift,
        "d_z": _fields(d_z(change, conf)),
        **ratios,
        "below_limit": {"n": values, "n_below": below.astype(float), "percent": share},
    }


def _fields(statistic: Any) -> dict[str, Floats]:
    return {name: np.asarray(value, dtype=np.float64) for name, value in vars(statistic).items()}


def _shown(panel: Panel, data: Data, options: Options) -> NDArray[np.intp]:
    """Return which markers are shown, in which order."""
    family, known = panel.pairs.markers.family, panel.pairs.markers
    keep = np.flatnonzero((family == options["family"]) | (options["family"] == markers.ALL))
    order = {
        "study": pd.factorize(family)[0],
        "p": panel.statistics[data.study.design.test]["p_value"],
        "effect": -np.abs(panel.statistics["d_z"]["estimate"]),
        "name": known.label.str.lower().to_numpy(),
    }[str(options["order"])]
    return keep[np.argsort(np.asarray(order)[keep], kind="stable")]


def _ard(panel: Panel, shown: NDArray[np.intp], conf: float) -> pd.DataFrame:
    known = panel.pairs.markers.iloc[shown]
    rows = pd.DataFrame(
        {"variable": known.PARAMCD, "variable_level": "", "group2": "family", "group2_level": known.family}
    ).reset_index(drop=True)
    frames = []
    for context, statistics in panel.statistics.items():
        stats = {name: values[shown][:, None, None] for name, values in statistics.items()}
        why = _why(panel, context, conf)[shown]
        log2 = panel.scale[shown] == "log2" if context.startswith("fold") else np.ones(len(shown), dtype=bool)
        stats = {name: values[log2] for name, values in stats.items()}
        frames.append(grid(rows[log2].reset_index(drop=True), "", [""], [context], stats, why[log2][:, None, None]))
    return join(frames)


def _why(panel: Panel, context: str, conf: float) -> NDArray[np.object_]:
    """Return, for each marker, why what is missing of a context is missing."""
    few = _few(panel)
    if context in ("hodges_lehmann", "fold_shift"):
        short = f"with so few pairs no interval reaches {confidence_level(conf)}"
        few = np.where(panel.n == 0, NO_PAIR, short).astype(object)
    if context == "adjusted":
        few = np.where(panel.pairs.markers.family == "", "in no family of the study", few).astype(object)
    return np.where(panel.reason == "", few, panel.reason).astype(object)


def _few(panel: Panel) -> NDArray[np.object_]:
    return np.select([panel.n == 0, panel.n == 1], [NO_PAIR, FEW], SAME).astype(object)


def _records(panel: Panel, shown: NDArray[np.intp]) -> pd.DataFrame:
    """Return one row per marker drawn and subject on view: its standardised change, or why there is none."""
    pairs, change = panel.pairs, panel.change[shown]
    sd = panel.statistics["paired_t"]["sd_change"][shown][:, None]
    z = np.divide(change, sd, out=np.full(change.shape, np.nan), where=sd > 0)
    first, second = pairs.earlier.present[shown], pairs.later.present[shown]
    short = np.broadcast_to(_few(panel)[shown][:, None], z.shape)
    known = (
        "no value at either timepoint",
        "no value at the earlier timepoint",
        "no value at the later timepoint",
        "no magnitude",
    )
    reason = np.select([~first & ~second, ~first, ~second, np.isnan(change), np.isnan(z)], [*known, short], "")
    marker, subject = (index.ravel() for index in np.indices(change.shape))
    return pd.DataFrame(
        {
            "PARAMCD": pairs.markers.PARAMCD.to_numpy()[shown][marker],
            "USUBJID": pairs.subjects.USUBJID.to_numpy()[subject],
            "change": change.ravel(),
            "z": z.ravel(),
            "reason": reason.ravel(),
        }
    )


def _notes(panel: Panel, shown: NDArray[np.intp], data: Data, options: Options, unplanned: list[str]) -> list[str]:
    notes = [f"Exploratory, not the planned comparison: {'; '.join(unplanned)}."] if unplanned else []
    notes += [
        f"q and Holm's p adjust the p of the pre-specified {TESTS[data.study.design.test]} within each family of the study, over "
        "all its markers that can be estimated, whatever is shown.",
        markers.told_below(panel.pairs.pick(shown), str(options["blq"])),
        _ranked(panel, shown, options),
    ]
    codes, ranks = panel.pairs.markers.PARAMCD.to_numpy()[shown], panel.statistics["wilcoxon"]
    few = codes[((panel.n > 0) & (ranks["p_attainable"] > USUAL_ALPHA))[shown]]
    if len(few):
        notes.append(
            f"{named(few, MOST_NAMED)}: with so few differences other than zero the signed-rank test cannot reach p < 0.05."
        )
    lost = panel.pairs.paired[shown] & np.isnan(panel.change[shown]) & (panel.reason[shown] == "")[:, None]
    if lost.any():
        notes.append(
            f"{named(codes[lost.any(axis=1)], MOST_NAMED)}: {counted(int(lost.sum()), 'usable pair')} left out by rule or scale; the page of "
            "the marker names them."
        )
    return notes


def _ranked(panel: Panel, shown: NDArray[np.intp], options: Options) -> str:
    """Tell how the signed-rank test was made: zeros, ties, and where its p is from."""
    ranks = {name: values[shown] for name, values in panel.statistics["wilcoxon"].items()}
    zeros, tied = (int(np.nansum(ranks[name])) for name in ("n_zero", "n_tied"))
    way = "ranked, then dropped (Pratt)" if options["zeros"] == "pratt" else "dropped"
    normal = int((ranks["exact"] == 0).sum())
    source = "exact" if not normal else f"exact but for {counted(normal, 'marker')} with more than 50 differences"
    return f"Signed-rank test: {counted(zeros, 'difference')} of zero {way}, {tied:,} tied, p {source}."


def show(result: Result, data: Data) -> Layout:
    """Draw one row a marker, family by family."""
    from core.tables.panel import panel_table

    return panel_table(_readable(result, data), data.parameters, data.study)


def _labels(data: Data) -> dict[str, str]:
    return dict(zip(data.parameters.PARAMCD, data.parameters.label, strict=True))


def _readable(result: Result, data: Data) -> Result:
    """Return the result with families as they read, and a title that says what is compared."""
    families, family = markers.families(data), str(result.options["family"])
    which = "all markers" if family == markers.ALL else f"markers of {families[family].lower()}"
    title = f"Paired change of {which}, {result.options['from']} to {result.options['to']}"
    return replace(result, title=title, ard=result.ard.assign(group2_level=result.ard.group2_level.replace(families)))


def _forest(result: Result, data: Data) -> "alt.LayerChart":
    from core.charts.panel import forest

    design = data.study.design
    return forest(_readable(result, data), _labels(data), design.test, design.alpha, DRAWN)


def _volcano(result: Result, data: Data) -> "alt.LayerChart":
    from core.charts.panel import volcano

    design = data.study.design
    return volcano(_readable(result, data), _labels(data), design.test, design.alpha)


def _heat_map(result: Result, data: Data) -> "alt.LayerChart":
    from core.charts.heat_map import heat_map

    return heat_map(_readable(result, data), _labels(data))


def answer(result: Result, data: Data) -> str:
    """Return how many markers changed after adjustment within their families, and which."""
    ard, labels, alpha = result.ard, _labels(data), data.study.design.alpha
    found = (
        ard[(ard.context == "adjusted") & (ard.stat_name == "q_bh")]
        .dropna(subset="stat")
        .sort_values("stat", kind="stable")
    )
    if found.empty:
        return ""
    changed = [labels[code] for code in found.variable[found.stat < alpha]]
    told = f"{len(changed)} of {counted(len(found), 'marker')} with an adjusted p (q) below {alpha:g}, {TESTS[data.study.design.test]}"
    which = f": {named(changed)}" if changed else ""
    return f"{told}{which}.{' Exploratory.' if result.unplanned else ''}"


OUTPUT = Output(
    "panel",
    "Paired change of all markers",
    (FAMILY, FROM, TO, BLQ, SORT, ZEROS, CONF),
    compute,
    show,
    needs="ADBM",
    figures={
        "forest": Figure("Forest plot", _forest, "PARAMCD"),
        "volcano": Figure("Volcano plot", _volcano, "PARAMCD"),
        "heat_map": Figure("Heat map by subject", _heat_map, "PARAMCD"),
    },
    answer=answer,
)
