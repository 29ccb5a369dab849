"""Many markers under one plan: what is left for each, and how the numbers of the plan can be read."""

from collections.abc import Iterator
from dataclasses import dataclass, fields
from math import floor

import numpy as np
import pandas as pd

from core.ard import rows
from core.data import Data
from core.outputs import markers
from core.outputs.catalogue import Option, Options
from core.outputs.power_plan import Plan, Question
from core.stats.multiplicity import alpha_each
from core.stats.power import FEWEST, Solved, solve
from core.study import Targets

STATED = "stated"
"""The family that the reader states, beside those of study.toml."""

NOT_STATED = "study.toml does not state what this takes"
UNSOLVED = "too few numbers are known"


def _count(data: Data) -> int:
    """Return how many markers the study has in families, else all that it has; 1 for a study without."""
    family = data.parameters.family
    return int((family != "").sum()) or len(family) or 1


MARKERS = Option(
    "markers", "Markers tested", 1.0, "number", of_study=_count, minimum=1, maximum=100_000, whole=True,
    help="How many markers share one alpha by Bonferroni; at the start all that the study has in families.",
)  # fmt: skip
SHARE = Option(
    "share", "Share of alpha (%)", 100.0, "number", minimum=0.1, maximum=100, step=0.5, rare=True, control="alpha_share",
    help="How much of alpha these markers have together, where it is split between families.",
)  # fmt: skip


@dataclass(frozen=True)
class Family:
    """How many markers share which percent of the alpha of all, and the numbers of each."""

    markers: float
    percent: float
    alpha_family: float
    n: float
    n_exact: float
    effect_size: float
    alpha: float
    power: float
    power_reached: float


def families(data: Data, question: Question, options: Options) -> Iterator[pd.DataFrame]:
    """Yield the results of each family of study.toml, which has all of alpha, and of the one that the reader states."""
    family = data.parameters.family
    told = {name: (float((family == name).sum()), 100.0) for name in markers.families(data)}
    for name, (count, percent) in {**told, STATED: (float(options["markers"]), float(options["share"]))}.items():
        found, whole = _each(question, count, percent / 100)
        about = {"group2": "family", "group2_level": name} if name != STATED else {"variable_level": STATED}
        yield rows(_of(count, percent, whole, found), UNSOLVED, context="family", **about)


def _each(question: Question, count: float, share: float) -> tuple[Solved, float]:
    """Return the numbers of each marker, and the alpha that all markers of all families have together."""
    if "alpha" not in question.known:
        found = question.solved(solve)
        return found, min(1.0, float(found.alpha) * count / share)
    alpha = float(alpha_each(question.known["alpha"], count, share))
    return Question({**question.known, "alpha": alpha}).solved(solve), question.known["alpha"]


def _of(count: float, percent: float, alpha_family: float, found: Solved) -> Family:
    return Family(count, percent, alpha_family, *(float(getattr(found, each.name)) for each in fields(found)))


def readings(plan: Plan, targets: Targets, options: Options) -> Iterator[pd.DataFrame]:
    """Yield how the numbers of the plan can be read, one after the other; nothing where it states no pairs and no effect.

    One marker alone: the effect that the pairs detect, the pairs that the effect needs, the power of both. Many markers:
    the effect that the pairs detect for each. All numbers at once: the alpha at which they hold, and of how many markers
    it is by Bonferroni. Biopsies that fail each by itself: the effect that the pairs then expected detect.
    """
    if np.isnan(plan.n) and np.isnan(plan.effect_size):
        return
    n, effect_size, alpha, power = plan.n, plan.effect_size, plan.alpha, plan.power
    count, expected = float(options["markers"]), expected_pairs(targets)
    yield _reading("detectable", 1, plan, solve(n=n, alpha=alpha, power=power))
    yield _reading("needed", 1, plan, solve(effect_size=effect_size, alpha=alpha, power=power))
    yield _reading("achieved", 1, plan, solve(n=n, effect_size=effect_size, alpha=alpha))
    if count > 1:
        yield _reading("family", count, plan, solve(n=n, alpha=alpha_each(alpha, count), power=power))
    together = solve(n=n, effect_size=effect_size, power=power)
    yield _reading("together", alpha / float(together.alpha), plan, together)
    if expected >= FEWEST:
        yield _reading("per_biopsy", 1, plan, solve(n=expected, alpha=alpha, power=power))


def expected_pairs(targets: Targets) -> int:
    """Return the whole pairs expected if the anticipated rate is that of each biopsy, and the two fail independently.

    Examples
    --------
    >>> expected_pairs(Targets(accrual=60, anticipated_evaluable_rate=0.5)), expected_pairs(Targets())
    (15, 0)
    """
    if targets.accrual is None or targets.anticipated_evaluable_rate is None:
        return 0
    # What a product leaves of a whole number is rounding: 100 at a rate of 0.7 are 49.
    return floor(targets.accrual * targets.anticipated_evaluable_rate**2 + 1e-9)


def _reading(name: str, count: float, plan: Plan, found: Solved) -> pd.DataFrame:
    return rows(_of(count, 100.0, plan.alpha, found), NOT_STATED, context="claim", variable_level=name)
