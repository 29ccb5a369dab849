"""What the study plans and what a reader asks: three of pairs, effect size, alpha and power, and so the fourth."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np

from core.errors import OptionError
from core.outputs.catalogue import Option, Options
from core.stats.power import Solved
from core.study import Study

NUMBERS = ("n", "effect_size", "alpha", "power")
LEFT_OUT = ""
"""The value of an option that is not given."""

TOO_LITTLE = "study.toml states neither a target of evaluable pairs nor an effect size"
HOW = "give three of n, effect_size, alpha and power, and leave out the one to be solved"

N = Option(
    "n", "Pairs", LEFT_OUT, "number", page=lambda data: data.study.targets.evaluable or LEFT_OUT, minimum=2, maximum=100_000,
    whole=True, help="Evaluable pairs. Of n, effect_size, alpha and power the one that is left out is solved.",
)  # fmt: skip
EFFECT_SIZE = Option(
    "effect_size", "Effect size d_z", LEFT_OUT, "number", page=lambda data: data.study.design.effect_size or LEFT_OUT,
    minimum=0.001, maximum=100, step=0.01, help="The mean change over the standard deviation of the changes.",
)  # fmt: skip
ALPHA = Option(
    "alpha", "alpha, two-sided", LEFT_OUT, "number", page=lambda data: data.study.design.alpha, minimum=1e-9, maximum=0.999,
    step=0.005, help="The chance of a finding where nothing changes, of one test, both sides together.",
)  # fmt: skip
POWER = Option(
    "power", "Power", LEFT_OUT, "number", page=lambda data: data.study.design.power, minimum=0.01, maximum=0.999999, step=0.05,
    help="The chance of a finding where the change is as large as the effect size says, from 0 to 1.",
)  # fmt: skip


@dataclass(frozen=True)
class Plan:
    """The numbers of study.toml; NaN where it states none."""

    n: float
    effect_size: float
    alpha: float
    power: float


@dataclass(frozen=True)
class Question:
    """The numbers that are known: three, and the fourth is solved; or fewer, where too little is planned."""

    known: Mapping[str, float]

    @property
    def unknown(self) -> str:
        """The name of the number that is solved; empty where too little is known."""
        left = [name for name in NUMBERS if name not in self.known]
        return left[0] if len(left) == 1 else ""

    def solved(self, by: Callable[..., Solved]) -> Solved:
        """Return all four numbers by a way to solve for one; NaN for what is not known."""
        if self.unknown:
            return by(**self.known)
        n, effect_size, alpha, power = (self.known.get(name, np.nan) for name in NUMBERS)
        return Solved(*map(np.float64, (n, n, effect_size, alpha, power, power)))  # type: ignore[arg-type]


def planned(study: Study) -> Plan:
    """Return what study.toml plans.

    Examples
    --------
    >>> planned(Study(id="demo", title="Demo", data_cut="2024-06-30", design={"effect_size": 0.5}))
    Plan(n=nan, effect_size=0.5, alpha=0.05, power=0.8)
    """
    design = study.design
    return Plan(study.targets.evaluable or np.nan, design.effect_size or np.nan, design.alpha, design.power)


def question(study: Study, options: Options) -> Question:
    """Return what is asked: the numbers given, or those of the plan when none is.

    Of the plan, the power is solved; where it lacks pairs or effect size, that one is.

    Raises
    ------
    OptionError
        Some are given but not three, or their power is not above their alpha.
    """
    given = {name: float(options[name]) for name in NUMBERS if options[name] != LEFT_OUT}
    if not given:
        return _of_plan(planned(study))
    if len(given) != len(NUMBERS) - 1:
        verb = "is" if len(given) == 1 else "are"
        raise OptionError(f"{_listed(list(given))} {verb} given; {HOW}.")
    if "alpha" in given and "power" in given and given["power"] <= given["alpha"]:
        raise OptionError(
            f"power={given['power']:g} is not above alpha={given['alpha']:g}, which a test reaches where nothing changes; "
            "give a greater power."
        )
    return Question(given)


def _of_plan(plan: Plan) -> Question:
    stated = {name: value for name, value in vars(plan).items() if not np.isnan(value)}
    if len(stated) == len(NUMBERS):
        del stated["power"]
    return Question(stated)


def _listed(names: list[str]) -> str:
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} and {names[-1]}"
