"""What a reader must know with the numbers of power, and how they were made, in sentences."""

import numpy as np
import pandas as pd

from core.data import Data
from core.formats import TESTS, brief, chance, confidence_level, counted
from core.outputs.catalogue import Options
from core.outputs.markers import RULE_SENTENCES
from core.outputs.power_now import OTHER_UNIT
from core.outputs.power_plan import HOW, Plan, Question
from core.stats.power_simulated import DRAWS, SEED
from core.study import Population

NOT_FROM_THE_CHANGE = (
    "Effect sizes are planned or asked for. No mean change of the data enters any number here, only how many pairs there are "
    "and how much their changes vary."
)
UNSTATED = "study.toml states neither a target of evaluable pairs nor an effect size, so there is no plan to read"


def notes(ard: pd.DataFrame, plan: Plan, options: Options, missing: str) -> list[str]:
    """Return the sentences; `missing` says why there are no markers."""
    told = [
        NOT_FROM_THE_CHANGE,
        "d_z is the mean change over the standard deviation of the changes. Power is two-sided and counts both tails; a "
        "solved number of pairs is rounded up, with its root in brackets, and the power beside it is that of the whole number.",
        "Simulated: pairs of measurements (normal, t with 3 degrees of freedom, log-normal with a log SD of 1) that could be "
        f"exchanged if there were no effect, to which the effect is then added; {DRAWS:,} draws, fewer above 50 pairs, with a "
        "fixed seed; ± is the Monte Carlo standard error. Size is the share of draws without effect in which a test rejects; "
        "that of the exact signed-rank test is at most alpha, as its p takes few values.",
    ]
    if np.isnan(plan.n) and np.isnan(plan.effect_size):
        told.append(f"{UNSTATED}; {HOW}.")
    if missing:
        return [*told, missing]
    return [*told, *_of_markers(ard, plan, options)]


def _of_markers(ard: pd.DataFrame, plan: Plan, options: Options) -> list[str]:
    told = [
        f"Markers: what the pairs on view, {options['from']} to {options['to']}, detect with the {chance(plan.power)} power and "
        f"the alpha of {brief(plan.alpha)} of study.toml, one marker tested alone; in its unit it is d_z times the SD of the "
        "changes found. Half-widths, and the pairs for another, hold if changes go on to vary as much."
    ]
    others = ard[(ard.context == "precision") & (ard.warning == OTHER_UNIT)].variable.nunique()
    if others:
        verb = "is" if others == 1 else "are"
        told.append(
            f"Pairs for the half-width wanted: {counted(others, 'marker')} {verb} measured in another unit than "
            f"{options['PARAMCD']} and left blank."
        )
    return told


def methods(data: Data, population: Population, options: Options, asked: Question, with_markers: bool) -> str:
    """Return how it was done, in sentences ready to be copied."""
    solved = {"n": "the number of pairs", "effect_size": "the effect size", "alpha": "alpha", "power": "power"}
    what = (
        f"{solved[asked.unknown].capitalize()} of a two-sided paired t-test"
        if asked.unknown
        else "Power of a two-sided paired t-test"
    )
    sentences = [
        f"{what} was computed from the noncentral t distribution with n - 1 degrees of freedom, both tails counted",
        "The signed-rank test was given 3/pi as many pairs as a t-test (its asymptotic relative efficiency under normal "
        "differences); both tests were also applied to simulated pairs of independent measurements (normal, Student's t with "
        f"3 degrees of freedom, log-normal with a log standard deviation of 1), shifted by the effect (seed {SEED})",
        f"For {counted(int(float(options['markers'])), 'marker')} alpha was divided by Bonferroni"
        + (f", of {brief(float(options['share']))}% of it" if options["share"] != 100 else ""),
    ]
    if with_markers:
        rule = RULE_SENTENCES[str(options["blq"])]
        sentences.append(
            f"Current pairs and standard deviations are those of the {population.label} population"
            + (f", restricted to {population.condition}" if population.filters else "")
            + f", between {options['from']} and {options['to']} (data cut {data.study.data_cut}); values below the limit of "
            f"quantification {rule}; half-widths are of {confidence_level(options['conf'])} confidence intervals of Student's t"
        )
    sentences.append(
        f"The pre-specified test of the study is the {TESTS[data.study.design.test]}; computed with Marrowscope from data snapshot "
        f"{data.snapshot}" + (" of simulated data" if data.study.simulated else "")
    )
    return " ".join(f"{sentence}." for sentence in sentences)
