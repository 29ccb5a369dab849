"""What can this many pairs show? Power of the planned comparison, alone and of many markers, and each marker at its pairs."""

from collections.abc import Iterator
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from core.ard import Result, join, rows
from core.data import Data
from core.outputs import markers
from core.outputs.catalogue import CONF, Answer, Figure, Options, Output
from core.outputs.power_curves import half_width_curve, power_curves
from core.outputs.power_family import MARKERS, NOT_STATED, SHARE, families, readings
from core.outputs.power_notes import methods, notes
from core.outputs.power_now import BELOW, FIRST, HALF_WIDTH, MARKER, SECOND, Spread, at_present, evaluable, spread
from core.outputs.power_plan import ALPHA, EFFECT_SIZE, POWER, TOO_LITTLE, N, Question, planned, question
from core.stats.power import Solved, solve
from core.stats.power_simulated import MOST_PAIRS, SHAPES, Simulated, simulate
from core.stats.signed_rank_power import solve_signed_rank
from core.study import Population
from core.tables.layout import Layout

if TYPE_CHECKING:
    import altair as alt

    from core.tables.power import Marker

OF_A_PLAN = ("plan", "power", "wilcoxon_are", "simulated", "family", "claim", "precision")
"""Contexts whose n is planned or needed: of nobody on view."""

TOO_SMALL = "it is below 1e-100"
TOO_FEW = "with so few pairs the exact test cannot reach p at or below alpha"
UNDRAWN = f"not drawn above {MOST_PAIRS} pairs"


def compute(data: Data, population: Population, options: Options) -> Answer:
    """Solve what is asked, set the readings of the plan side by side, and tell what each marker's pairs can show."""
    plan, asked = planned(data.study), question(data.study, options)
    t, ranks = asked.solved(solve), asked.solved(solve_signed_rank)
    missing = _no_markers(data)
    now = None if missing else spread(data, population, options)
    ard = join(
        [
            rows(plan, NOT_STATED, context="plan"),
            rows(t, TOO_SMALL if asked.unknown else TOO_LITTLE, context="power"),
            rows(ranks, TOO_FEW if asked.unknown else TOO_LITTLE, context="wilcoxon_are"),
            *_simulated(asked, ranks),
            *families(data, asked, options),
            *readings(plan, data.study.targets, options),
            *evaluable(data, population),
            *(at_present(now, plan, options) if now else ()),
        ]
    )
    alpha = float(t.alpha) if not np.isnan(t.alpha) else plan.alpha
    seen = ard[ard.context.isin(["pairs", "current"]) & ard.stat_name.isin(["n", "n_pairs"])].stat
    reach = [float(t.n), float(ranks.n), plan.n, *seen]
    points = [power_curves(float(t.effect_size), alpha, reach), *_half_widths(ard, now, options, plan.n)]
    told = methods(data, population, options, asked, now is not None)
    return Answer(ard, notes(ard, plan, options, missing), pd.concat(points, ignore_index=True), told)


def _no_markers(data: Data) -> str:
    """Return why nothing is said of markers; empty where it can be."""
    if "ADBM" not in data.schema:
        return "This study has no dataset ADBM, so nothing is said of markers at their pairs."
    return markers.nothing_to_compare(data)


def _simulated(asked: Question, ranks: Solved) -> Iterator[pd.DataFrame]:
    """Yield both tests under each shape of measurements: at what the signed-rank test needs, by its efficiency."""
    known = {name: float(getattr(ranks, name)) for name in ("n", "effect_size", "alpha")}
    for shape in SHAPES:
        nothing = Simulated(0, **known, size=np.nan, size_error=np.nan, power=np.nan, power_error=np.nan)  # type: ignore[arg-type]
        found, why = dict.fromkeys(("paired_t", "wilcoxon"), nothing), TOO_FEW if asked.unknown else TOO_LITTLE
        if not np.isnan(list(known.values())).any():
            found, why = simulate(shape, int(known["n"]), known["effect_size"], known["alpha"]), UNDRAWN
        for test, share in found.items():
            yield rows(share, why, context="simulated", group2="shape", group2_level=shape, variable_level=test)


def _half_widths(ard: pd.DataFrame, now: Spread | None, options: Options, target: float) -> Iterator[pd.DataFrame]:
    """Yield the curve of the marker chosen."""
    if now is not None:
        code = str(options["PARAMCD"])
        n, sd = now.at(code)
        needed = ard.stat[(ard.context == "precision") & (ard.variable == code) & (ard.stat_name == "n")]
        yield half_width_curve(code, sd, float(options["conf"]), [n, target, *needed])


def _known(data: Data) -> "dict[str, Marker]":
    """Return how each marker reads."""
    from core.tables.power import Marker

    of = data.parameters
    columns = (of.PARAMCD, of.label, of.unit, of.scale)
    return {code: Marker(label, unit, scale == "log2") for code, label, unit, scale in zip(*columns, strict=True)}


def show(result: Result, data: Data) -> Layout:
    """Draw what is asked, the families, the readings of the plan and the markers, block under block."""
    from core.tables.power import power_table

    return power_table(result, _known(data), markers.families(data))


def answer(result: Result, data: Data) -> str:
    """Return what was asked, solved, in one sentence."""
    from core.tables import power

    return power.answer(result, question(data.study, result.options).unknown)


def points(result: Result) -> pd.DataFrame:
    """Return the curves as a reader wants them in a file: one row a point, of one quantity."""
    names = {"curves": "power", "half_width": "half_width"}
    frame = result.records.rename(columns={"figure": "quantity"})
    return frame.assign(quantity=frame.quantity.map(names))


def _curves(result: Result, _: Data) -> "alt.LayerChart":
    from core.charts.power import curves

    return curves(result)


def _half_width(result: Result, data: Data) -> "alt.LayerChart":
    from core.charts.power import half_widths

    marker = _known(data).get(str(result.options["PARAMCD"]))
    label, unit = (marker.label, "log2 fold" if marker.log2 else marker.unit) if marker else ("", "")
    return half_widths(result, label, unit)


OUTPUT = Output(
    "power",
    "Power of the paired comparison",
    (N, EFFECT_SIZE, ALPHA, POWER, MARKERS, SHARE, MARKER, HALF_WIDTH, FIRST, SECOND, BELOW, replace(CONF, rare=True)),
    compute,
    show,
    figures={
        "curves": Figure("Power by number of pairs", _curves, "curve"),
        "half_width": Figure("Half-width by number of pairs", _half_width, "curve"),
    },
    records=points,
    answer=answer,
)
