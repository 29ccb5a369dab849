"""Markers as they truly are: those of the recipe, generic ones beyond them, and the truth that ``truth.csv`` tells."""

from math import exp, log, sqrt

import numpy as np

from core.simulate.dice import Dice, Floats
from core.simulate.recipe import Discovery, Marker, Recipe
from core.study import Parameter, Study

Described = tuple[Marker, Parameter]
"""A marker as it is drawn, and as study.toml calls it."""


def skewed(z: Floats, skew: float) -> Floats:
    """Turn standard normal numbers into log-normal ones of mean 0 and standard deviation 1.

    Parameters
    ----------
    z : ndarray
        Standard normal numbers, in any shape.
    skew : float
        The standard deviation of their logarithm; 0 leaves them as they are.

    Examples
    --------
    >>> [f"{number:.2f}" for number in skewed(np.array([-2.0, 0.0, 2.0]), 0.5)]
    ['-1.27', '-0.22', '2.62']
    """
    if not skew:
        return z
    spread = exp(skew**2)
    return np.asarray((np.exp(skew * z) - sqrt(spread)) / sqrt((spread - 1) * spread))


def latent_correlation(marker: Marker) -> float:
    """Return the correlation of the normal numbers that gives the marker's own after `skewed`.

    Examples
    --------
    >>> marker = Marker(PARAMCD="A", baseline=1, sd=1, step=0.1, correlation=0.5, skew=1)
    >>> f"{latent_correlation(marker):.3f}"
    '0.620'
    """
    if not marker.skew:
        return marker.correlation
    return max(log(1 + marker.correlation * (exp(marker.skew**2) - 1)) / marker.skew**2, -1.0)


def described(study: Study, recipe: Recipe, count: int, seed: int) -> list[Described]:
    """Return the recipe's markers, their baseline on the scale they are analysed on, and as many generic ones as wanted.

    Parameters
    ----------
    study : Study
        Calls the recipe's markers by their names, in the same order.
    recipe : Recipe
        The markers, and what the generic ones are like.
    count : int
        How many are wanted; all of the recipe's are returned even if these are more.
    seed : int
        Of the generic ones.

    Examples
    --------
    >>> from core.simulate.recipe import read
    >>> source, recipe = read("data/cabazitaxel")
    >>> both = described(source.study, recipe, len(recipe.markers) + 2, seed=1)
    >>> [(marker.PARAMCD, parameter.label) for marker, parameter in both[-2:]]
    [('M00001', 'Marker 00001'), ('M00002', 'Marker 00002')]
    """
    own = []
    for marker, parameter in zip(recipe.markers, study.parameters, strict=True):
        logs = {"baseline": log(marker.baseline, 2)} if parameter.scale == "log2" else {}
        own.append((marker.model_copy(update=logs), parameter))
    return own + _generic(Dice(seed, "discovery"), recipe.discovery, max(count - len(own), 0))


def _generic(dice: Dice, plan: Discovery, count: int) -> list[Described]:
    """Return markers M00001, ... of which a few change, up or down."""
    changed = dice.uniforms(count) * 100 < plan.changed_percent
    d_z = np.where(changed, np.where(dice.uniforms(count) < 0.5, -plan.d_z, plan.d_z), 0.0)
    first, last = np.log2(plan.baselines)
    markers = [
        Marker(
            PARAMCD=f"M{number:05}", baseline=baseline, sd=plan.sd, d_z=change, correlation=plan.correlation,
            step=plan.step, missing_percent=plan.missing_percent,
        )
        for number, (baseline, change) in enumerate(zip(first + (last - first) * dice.uniforms(count), d_z, strict=True), 1)
    ]  # fmt: skip
    return [
        (marker, Parameter(
            PARAMCD=marker.PARAMCD, label=f"Marker {number:05}", unit=plan.unit, role=plan.role, family=plan.role,
            specimen=plan.specimen, scale="log2",
        ))
        for number, marker in enumerate(markers, 1)
    ]  # fmt: skip


def truth(marker: Marker, parameter: Parameter) -> dict[str, str]:
    """Return the row of ``truth.csv``: the mean change that was put in and its spread, on the scale of analysis.

    `d_z` is the mean change over its standard deviation within subjects; the median at baseline is in the marker's unit.

    Examples
    --------
    >>> marker = Marker(PARAMCD="A", baseline=3, sd=1, step=0.1, correlation=0.5, d_z=-0.6)
    >>> told = truth(marker, Parameter(PARAMCD="A", label="A", scale="log2"))
    >>> told["true_change"], told["sd_change"], told["median_baseline"]
    ('-0.6000', '1.0000', '8.0000')
    """
    middle = marker.baseline + marker.sd * float(skewed(np.zeros(1), marker.skew)[0])
    change = marker.d_z * marker.sd_change
    return {
        "PARAMCD": marker.PARAMCD,
        "scale": parameter.scale,
        "true_change": f"{change:.4f}",
        "sd_change": f"{marker.sd_change:.4f}",
        "d_z": f"{marker.d_z:.4f}",
        "changed": "Y" if change else "N",
        "correlation": f"{marker.correlation:.4f}",
        "median_baseline": f"{2**middle if parameter.scale == 'log2' else middle:.4f}",
    }
