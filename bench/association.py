"""Spearman's correlation of 20,000 markers with one measure in 30 patients, beside SciPy and pingouin.

Two variants: values measured finely, without ties; and values recorded to a coarse grid, with ties in every marker. One
value in twenty is missing. SciPy and pingouin answer marker by marker where values are missing, so they are timed on 200
markers and the time is multiplied. SciPy gives no limits of a rank correlation, and pingouin rounds its own.
"""

import warnings
from collections.abc import Callable
from dataclasses import fields
from importlib.metadata import version
from typing import Any

import numpy as np
import pingouin
from numpy.typing import NDArray
from scipy import stats

from bench.measure import Timing, heading, line, race
from core.stats.partial_spearman import partial_spearman
from core.stats.spearman import spearman
from core.stats.spearman_null import pairings

MARKERS, PATIENTS, SAMPLE = 20_000, 30, 200
MISSING = 0.05
RUNS = 5
BUDGET = 0.1

Floats = NDArray[np.float64]


def run(_: int) -> None:
    """Print how long each contender takes; raise when many markers at once are not each marker alone."""
    print(f"\nscipy {version('scipy')}, pingouin {version('pingouin')}")
    axis, covariate = np.random.default_rng(7).standard_normal((2, PATIENTS))
    few = np.where(np.arange(PATIENTS) < 9, axis, np.nan)
    for variant, markers in drawn().items():
        for measure in (axis, few):
            _agree(markers, measure)
        heading(f"Association, {variant}: {MARKERS:,} markers x {PATIENTS} patients against one measure")
        ours = race(
            {
                "Spearman with limits": lambda x=markers: spearman(x, axis),
                "Spearman of 9 patients, exact": lambda x=markers: _anew(x, few),
                "partial Spearman with limits": lambda x=markers: partial_spearman(x, axis, covariate),
            },
            RUNS,
        )
        first = ours["Spearman with limits"]
        for name, timing in ours.items():
            line(f"Marrowscope, {name}", timing, BUDGET if timing is first else None)
        print(f"  from {SAMPLE} markers, times {MARKERS // SAMPLE}; the ratio is to ours:")
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            for name, timing in _others(markers[:SAMPLE], axis).items():
                line(name, timing, None, first)


def drawn() -> dict[str, Floats]:
    """Return both variants, always the same."""
    rng = np.random.default_rng(20240601)
    fine = rng.standard_normal((MARKERS, PATIENTS))
    coarse = np.rint(4 * fine) / 4
    for markers in (fine, coarse):
        markers[rng.random(markers.shape) < MISSING] = np.nan
    return {"without ties": fine, "with ties": coarse}


def _anew(markers: Floats, axis: Floats) -> None:
    """Count all pairings again, which a second call would have kept."""
    pairings.cache_clear()
    spearman(markers, axis)


def _agree(markers: Floats, axis: Floats) -> None:
    together = spearman(markers, axis)
    for i in range(0, MARKERS, MARKERS // SAMPLE):
        alone = spearman(markers[i], axis)
        for field in fields(alone):
            ours, expected = getattr(together, field.name)[i], getattr(alone, field.name)
            if not np.isclose(ours, expected, rtol=1e-12, atol=1e-12, equal_nan=True):
                raise SystemExit(
                    f"Spearman of marker {i}: {field.name} is {ours} among {MARKERS:,} markers and {expected} alone. "
                    "No time means anything until they agree."
                )


def _others(markers: Floats, axis: Floats) -> dict[str, Timing]:
    pairs = [(row[here], axis[here]) for row in markers for here in [~np.isnan(row)]]
    contenders: dict[str, Callable[[], Any]] = {
        "SciPy, spearmanr": lambda: [stats.spearmanr(x, y) for x, y in pairs],
        "SciPy, spearmanrho, axis=1": lambda: stats.spearmanrho(markers, axis[None, :], axis=1, nan_policy="omit"),
        "pingouin, corr": lambda: [pingouin.corr(x, y, method="spearman") for x, y in pairs],
    }
    found = race(contenders, 1)
    return {name: Timing(tuple(MARKERS // SAMPLE * taken for taken in each.seconds)) for name, each in found.items()}
