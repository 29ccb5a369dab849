"""What if accrual or success were as a reader sets them? Rates held fixed; no forecast, and never mixed with one."""

from collections.abc import Callable
from dataclasses import replace
from typing import TYPE_CHECKING

import pandas as pd

from core.ard import Result, join
from core.data import Data
from core.formats import fixed
from core.outputs import forecast, harvests
from core.outputs.ahead import ahead, told
from core.outputs.catalogue import CONF, Answer, Figure, Option, Options, Output
from core.outputs.clocks import clocks, paces
from core.outputs.harvests import TOTAL
from core.stats.forecast import Stages
from core.stats.pace import Steady
from core.stats.shares import Fixed
from core.study import Population
from core.tables.layout import Layout

if TYPE_CHECKING:
    import altair as alt

PREFIX = "what_if_"
FASTEST = 200.0


def _pace(data: Data) -> float:
    """Return the pace as estimated from everybody, else as planned."""
    found = harvests.read(data, data.everybody)
    learned = paces(data, clocks(data, found)).get(TOTAL)
    rate = learned.mean if learned else data.study.accrual_plan.planned_per_month or 1.0
    return float(fixed(min(rate, FASTEST), 1))


def _rate(first: bool) -> Callable[[Data], float]:
    """Return how to read the rate of a stage in percent, as estimated from everybody."""

    def estimated(data: Data) -> float:
        stages = harvests.learned(data, harvests.read(data, data.everybody))
        return float(fixed(100 * (stages.first if first else stages.second).mean, 0))

    return estimated


RATE = Option(
    "accrual_rate", "Patients a month", 3.0, "number", of_study=_pace, minimum=0, maximum=FASTEST, step=0.1,
    slide=lambda data: (0.0, max(6.0, float(fixed(3 * _pace(data), 0)))),
    help="What if so many patients a month were accrued? Left alone, it is the pace so far.",
)  # fmt: skip
BASELINE = Option(
    "baseline_success", "Evaluable at baseline (%)", 50.0, "number", of_study=_rate(True), minimum=0, maximum=100,
    slide=lambda _: (0.0, 100.0), help="What if so many in a hundred were evaluable at baseline? Left alone, it is the rate so far.",
)  # fmt: skip
FOLLOW_UP = Option(
    "follow_up_success", "At follow-up, given that (%)", 50.0, "number", of_study=_rate(False), minimum=0, maximum=100,
    slide=lambda _: (0.0, 100.0), help="What if so many in a hundred of those were evaluable at follow-up, too? Left alone, it is the rate so far.",
)  # fmt: skip


def compute(data: Data, population: Population, options: Options) -> Answer:
    """Hold both rates and the pace as they are set, and say what would lie ahead."""
    found = harvests.read(data, population)
    stages = Stages(*(Fixed(float(options[name]) / 100) for name in (BASELINE.name, FOLLOW_UP.name)))
    of = ahead(data, found, population, stages, (Steady(float(options[RATE.name])),))
    frames = [told(of, pd.Timestamp(data.study.data_cut), float(options["conf"]), PREFIX), *forecast.states(of)]
    notes = [
        "A what-if, no forecast: the three rates are held at what was set, as if they were known. Patients who stand where they "
        "stand are this study's own. Even with the rates so far the answer is surer than the forecast, which does not know them.",
        *(f"{why}." for why in dict.fromkeys(filter(None, (of.why_no_pairs, of.why_no_accrual)))),
    ]
    return Answer(join(frames), notes, forecast.records(data, found), unplanned=("what if",))


def held(result: Result) -> str:
    """Return at what the rates are held, in words."""
    rate, first, second = (float(result.options[option.name]) for option in (RATE, BASELINE, FOLLOW_UP))
    return f"{rate:g} patients a month, {first:g}% evaluable at baseline and {second:g}% of those at follow-up"


def show(result: Result, data: Data) -> Layout:
    """Draw what would be expected, when, and how many to accrue."""
    from core.tables.forecast import what_if_table

    return what_if_table(result, forecast.words(data), held(result))


def answer(result: Result, data: Data) -> str:
    """Return what the rates set would give."""
    from core.tables.forecast import what_if_answer

    return what_if_answer(result, forecast.words(data), held(result))


def _figure(name: str, title: str) -> Figure:
    """Return one of the figures of `core.charts.fan`, called a what-if."""

    def draw(result: Result, data: Data) -> "alt.LayerChart":
        from core.charts import fan

        drawn: alt.LayerChart = getattr(fan, name)(result, forecast.words(data), PREFIX, f"Held at {held(result)}")
        return drawn

    return Figure(title, draw, "USUBJID")


OUTPUT = Output(
    "what_if",
    "What if",
    (RATE, BASELINE, FOLLOW_UP, replace(CONF, on_page=False)),
    compute,
    show,
    wants="ADBE",
    figures={"pairs": _figure("pairs", "Pairs, if so"), "patients": _figure("patients", "Accrual, if so")},
    records=forecast.wide,
    answer=answer,
    whom=harvests.registered,
)
