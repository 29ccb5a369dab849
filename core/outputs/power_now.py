"""What each marker can show at the pairs it has now: never from the change that was seen, only from how much changes vary."""

from collections.abc import Iterator
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from core.ard import grid, rows
from core.data import Data
from core.outputs import markers
from core.outputs.catalogue import Option, Options
from core.outputs.comparison import FEW, NO_LOGARITHM, NO_PAIR, SAME, UNSIZED, Count
from core.outputs.markers import BLQ, FROM, PARAMCD, TO
from core.outputs.power_plan import LEFT_OUT, Plan
from core.stats.paired_t import moments
from core.stats.power import FEWEST, solve
from core.stats.precision import half_width, pairs_for
from core.study import Population

Floats = NDArray[np.float64]
OTHER_UNIT = "measured in another unit than the half-width asked for"


def _or_nothing(option: Option) -> Option:
    """Return an option of biomarkers that a study without any has, too: there, its value is the empty text."""
    return replace(option, rare=True, accepts=lambda data, value: value == "" and not option.choices(data))


MARKER, FIRST, SECOND, BELOW = (
    replace(_or_nothing(PARAMCD), rare=False),
    _or_nothing(FROM),
    _or_nothing(TO),
    replace(BLQ, rare=True),
)
HALF_WIDTH = Option(
    "half_width", "Half-width wanted", LEFT_OUT, "number", minimum=1e-6, maximum=1e6, step=0.1,
    help="Of the confidence interval of the mean change, in the marker's unit; of a marker on log2, in log2 fold change.",
)  # fmt: skip


@dataclass(frozen=True)
class Spread:
    """Of each marker: its pairs, the standard deviation of its changes (NaN where it has none), and why it has none."""

    known: pd.DataFrame
    scale: NDArray[np.str_]
    n: Floats
    sd: Floats
    reason: NDArray[np.object_]

    @property
    def unit(self) -> NDArray[np.str_]:
        """What a change is measured in; a ratio has no unit but log2."""
        return np.where(self.scale == "log2", "log2", self.known.unit)

    def at(self, code: str) -> tuple[float, float]:
        """Return pairs and standard deviation of one marker."""
        (place,) = np.flatnonzero(code == self.known.PARAMCD)
        return float(self.n[place]), float(self.sd[place])


def spread(data: Data, population: Population, options: Options) -> Spread:
    """Return how much the changes of every marker vary, each on its scale and under the rule for values below a limit."""
    pairs = markers.read(data, population, options)
    rule, scale = str(options["blq"]), markers.scale_of(pairs.markers, options)
    found = markers.changes(pairs, rule, scale)
    n = np.count_nonzero(~np.isnan(found.sign), axis=1)
    sd = moments(found.change)[2]
    sd = np.where(sd > 0, sd, np.nan)
    unsized = NO_LOGARITHM if rule == "zero" else UNSIZED
    reason = np.select([n == 0, n == 1, ~found.sized, np.isnan(sd)], [NO_PAIR, FEW, unsized, SAME], "").astype(object)
    return Spread(pairs.markers, scale, n.astype(float), sd, reason)


def at_present(found: Spread, plan: Plan, options: Options) -> Iterator[pd.DataFrame]:
    """Yield, for each marker, what its pairs detect as planned and how closely they tell its mean change."""
    table = pd.DataFrame(
        {"variable": found.known.PARAMCD, "variable_level": "", "group2": "family", "group2_level": found.known.family}
    )
    detectable = _detectable(found, plan)
    conf = float(options["conf"])
    stats = {
        "n": found.n,
        "sd_change": found.sd,
        "effect_size": detectable,
        "alpha": np.full(found.n.shape, plan.alpha),
        "power": np.full(found.n.shape, plan.power),
        "change": detectable * found.sd,
        "half_width": half_width(found.n, found.sd, conf),
    }
    yield _grid(table, "current", stats, found.reason)
    if options["half_width"] == LEFT_OUT:
        return
    wanted = float(options["half_width"])
    same = found.unit == found.unit[str(options["PARAMCD"]) == found.known.PARAMCD]
    needed = pairs_for(np.where(same, wanted, np.nan), found.sd, conf)
    asked = {"half_width": needed.half_width, "n": needed.n, "n_exact": needed.n_exact}
    yield _grid(table, "precision", asked, np.where(same, found.reason, OTHER_UNIT).astype(object))


def _grid(table: pd.DataFrame, context: str, stats: dict[str, Floats], reason: NDArray[np.object_]) -> pd.DataFrame:
    return grid(
        table, "", [""], [context], {name: each[:, None, None] for name, each in stats.items()}, reason[:, None, None]
    )


def _detectable(found: Spread, plan: Plan) -> Floats:
    """Return the effect size that each marker's pairs detect; many markers share few numbers of pairs."""
    each, place = np.unique(found.n, return_inverse=True)
    tested = np.where(each >= FEWEST, each, np.nan)
    return np.where(np.isnan(found.sd), np.nan, solve(n=tested, alpha=plan.alpha, power=plan.power).effect_size[place])


def evaluable(data: Data, population: Population) -> Iterator[pd.DataFrame]:
    """Yield how many subjects on view have an evaluable pair; nothing where the study has no specimens."""
    times = data.study.timepoints
    if "ADBE" in data.schema and times.follow_up is not None:
        found = data.ask("evaluable_pairs", population, earlier=times.baseline, later=times.follow_up)
        n = int((found.earlier & found.later).sum())
        yield rows(Count(len(found), n, len(found) - n), context="pairs")
