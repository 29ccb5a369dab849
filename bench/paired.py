"""Paired change of 20,000 markers in 30 patients, beside SciPy and pingouin.

Two variants: values measured finely, without ties; and values recorded to a coarse grid, with ties and differences of
zero in every marker. One pair in twenty is missing. SciPy and pingouin answer marker by marker, so they are timed on
200 markers and the time is multiplied; where SciPy takes all markers in one call, that is timed as it is.
SciPy's signed-rank test is exact without ties only: with them it is the normal curve, and less work than ours.
"""

import warnings
from collections.abc import Callable
from dataclasses import fields
from importlib.metadata import version
from typing import Any

import numpy as np
import pingouin
from numpy.typing import NDArray
from scipy import optimize, stats

from bench.measure import Timing, heading, line, race
from core.stats.effect_size import d_z
from core.stats.hodges_lehmann import hodges_lehmann
from core.stats.paired_t import paired_t
from core.stats.signed_rank import signed_rank

MARKERS, PAIRS, SAMPLE = 20_000, 30, 200
MISSING = 0.05
RUNS = 5

Floats = NDArray[np.float64]

STATISTICS: dict[str, Callable[[Floats], Any]] = {
    "paired t with limits": paired_t,
    "signed-rank, exact": signed_rank,
    "Hodges-Lehmann with limits": hodges_lehmann,
    "d_z with limits": d_z,
}
BUDGET = {"paired t with limits": 0.05, "Hodges-Lehmann with limits": 1.0, "d_z with limits": 0.5}
BUDGETS = {
    "without ties": BUDGET | {"signed-rank, exact": 0.2},
    "with ties and zeros": BUDGET | {"signed-rank, exact": 1.5},
}


def run(_: int) -> None:
    """Print how long each contender takes; raise when many markers at once are not each marker alone."""
    print(f"\nscipy {version('scipy')}, pingouin {version('pingouin')}")
    for variant, change in drawn().items():
        _agree(change)
        heading(f"Paired change, {variant}: {MARKERS:,} markers x {PAIRS} pairs")
        ours = race({name: lambda f=f, x=change: f(x) for name, f in STATISTICS.items()}, RUNS)
        for name, timing in ours.items():
            line(f"Marrowscope, {name}", timing, BUDGETS[variant].get(name))
        at_once = race({"paired t": lambda x=change: stats.ttest_1samp(x, 0, axis=1, nan_policy="omit")}, 1)
        line("SciPy, all at once, paired t", at_once["paired t"], None, ours["paired t with limits"])
        print(f"  from {SAMPLE} markers, times {MARKERS // SAMPLE}; the ratio is to ours of the same statistic:")
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            for (name, statistic), timing in _others(change[:SAMPLE]).items():
                line(f"{name}, {statistic.split(',')[0]}", timing, None, ours[statistic])


def drawn() -> dict[str, Floats]:
    """Return both variants, always the same."""
    rng = np.random.default_rng(20240601)
    fine = rng.standard_normal((MARKERS, PAIRS)) + 0.2
    coarse = np.rint(4 * fine) / 4
    coarse[:, :3] = [0.0, 0.25, -0.25]
    for change in (fine, coarse):
        change[:, 3:][rng.random((MARKERS, PAIRS - 3)) < MISSING] = np.nan
    return {"without ties": fine, "with ties and zeros": coarse}


def _agree(change: Floats) -> None:
    for name, statistic in STATISTICS.items():
        together = statistic(change)
        for i in range(0, MARKERS, MARKERS // SAMPLE):
            alone = statistic(change[i])
            for field in fields(alone):
                ours, expected = getattr(together, field.name)[i], getattr(alone, field.name)
                if not np.isclose(ours, expected, rtol=1e-12, atol=1e-12, equal_nan=True):
                    raise SystemExit(
                        f"{name} of marker {i}: {field.name} is {ours} among {MARKERS:,} markers and {expected} alone. "
                        "No time means anything until they agree."
                    )


def _others(change: Floats) -> dict[tuple[str, str], Timing]:
    markers = [row[~np.isnan(row)] for row in change]
    loops: dict[tuple[str, str], Callable[[Floats], Any]] = {
        ("SciPy", "paired t with limits"): lambda x: stats.ttest_1samp(x, 0).confidence_interval(),
        ("SciPy", "signed-rank, exact"): lambda x: stats.wilcoxon(x, correction=True),
        ("SciPy", "d_z with limits"): _limits_of_d_z,
        ("pingouin", "paired t with limits"): lambda x: pingouin.ttest(x, np.zeros_like(x), paired=True),
        ("pingouin", "signed-rank, exact"): lambda x: pingouin.wilcoxon(x, np.zeros_like(x)),
    }
    contenders: dict[Any, Callable[[], Any]] = {
        key: lambda f=loop: [f(x) for x in markers]  # type: ignore[misc]
        for key, loop in loops.items()
    }
    contenders["SciPy, axis=1", "signed-rank, exact"] = lambda: stats.wilcoxon(
        change, axis=1, nan_policy="omit", correction=True
    )
    found = race(contenders, 1)
    return {key: Timing(tuple(MARKERS // SAMPLE * taken for taken in timing.seconds)) for key, timing in found.items()}


def _limits_of_d_z(x: Floats) -> list[float]:
    root = np.sqrt(len(x))
    t = root * x.mean() / x.std(ddof=1)
    return [
        optimize.brentq(lambda nc, p=chance: stats.nct.cdf(t, len(x) - 1, nc) - p, t - 10, t + 10) / root
        for chance in (0.975, 0.025)
    ]
