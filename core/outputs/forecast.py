"""Will the target of evaluable pairs be reached, and when? Two stages, learned from this study's own patients."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

import pandas as pd

from core.ard import Result, join, rows
from core.data import Data
from core.outputs import design_check, harvests
from core.outputs.ahead import Ahead, ahead, told
from core.outputs.catalogue import CONF, Answer, Figure, Option, Options, Output
from core.outputs.clocks import NO_DATES, NO_TIME, Clock, clocks, paces
from core.outputs.forecast_notes import methods, notes
from core.outputs.harvests import BY, TOTAL, Harvests
from core.stats.harvest import FAILED
from core.stats.pace import Gamma
from core.stats.shares import Learned
from core.study import Population
from core.tables.layout import Layout

if TYPE_CHECKING:
    import altair as alt

    from core.charts.fan import Words

STATE, RATE, PACE = "STATE", "RATE", "PACE"
BASELINE, FOLLOW_UP = "baseline", "follow_up"
STATES = ("accrued", "pair", "failed_baseline", "failed_follow_up", "waiting_baseline", "waiting_follow_up")
TO_ACCRUE = "to_accrue"
RECENT = Option(
    "recent", "Pace of the last months (0: all)", 0.0, "number", minimum=0, maximum=120, whole=True,
    help="Learns the pace of accrual from so many months before the data cut; 0 takes all.", rare=True,
)  # fmt: skip
NO_SUM = "no interval is given of a sum of rates"


@dataclass(frozen=True)
class Count:
    """Patients in a state."""

    n: float


@dataclass(frozen=True)
class Prior:
    """Of a Beta its a and b, of a Gamma its shape and its months."""

    a: float
    b: float


@dataclass(frozen=True)
class Rate:
    """A rate (0 to 1) as known now: evaluable n of N that count, the parameters of its Beta, mean and interval."""

    n: float
    N: float
    a: float
    b: float
    mean: float
    conf_low: float
    conf_high: float


@dataclass(frozen=True)
class Speed:
    """Patients a month as known now: how many came in how many months, mean and interval of the rate."""

    patients: float
    months: float
    mean: float
    conf_low: float
    conf_high: float


def compute(data: Data, population: Population, options: Options) -> Answer:
    """Learn both rates and the pace, and say what lies ahead under them."""
    conf, cut = float(options["conf"]), pd.Timestamp(data.study.data_cut)
    found = harvests.read(data, population, str(options["by"]))
    ticked = clocks(data, found, float(options["recent"]))
    speeds = paces(data, ticked)
    of = ahead(data, found, population, harvests.learned(data, found), tuple(speeds.values()))
    frames = [told(of, cut, conf), *states(of), *_rates(data, of, conf), *_paces(data, ticked, speeds, conf)]
    frames += design_check.told(data.study)
    return Answer(join(frames), notes(data, of, ticked, options), records(data, found), methods(data, of, options))


def states(of: Ahead) -> Iterator[pd.DataFrame]:
    """Yield how many patients stand where, and how many are to be accrued."""
    found, undecided = of.found, of.found.undecided
    lost = int(found.lost_second.sum())
    failed = int((found.first.state == FAILED).sum())
    n = (of.accrued, undecided.pairs, failed, lost, undecided.first, undecided.second)
    key = {"group1_level": TOTAL, "variable": STATE, "context": "patients"}
    for state, count in zip(STATES, n, strict=True):
        unknown = bool(found.missing) and state != STATES[0]
        yield rows(Count(float("nan") if unknown else count), found.missing, variable_level=state, **key)
    more = Count(float("nan") if of.why_no_accrual else of.future)
    yield rows(more, of.why_no_accrual, variable_level=TO_ACCRUE, **key)


def _rates(data: Data, of: Ahead, conf: float) -> Iterator[pd.DataFrame]:
    """Yield what was believed of both rates, and what is known of them now."""
    good, bad, pairs, lost = of.found.counted
    prior = data.study.forecast
    for level, belief, share, n, N in (
        (BASELINE, prior.baseline, of.stages.first, good, good + bad),
        (FOLLOW_UP, prior.follow_up, of.stages.second, pairs, pairs + lost),
    ):
        key = {"group1_level": TOTAL, "variable": RATE, "variable_level": level}
        yield rows(Prior(*belief), context="prior", **key)
        known = Rate(*[float("nan")] * 7)
        if isinstance(share, Learned) and not of.found.missing:
            known = Rate(n, N, share.a, share.b, share.mean, *share.limits(conf))
        yield rows(known, of.found.missing, context="posterior", **key)


def _paces(data: Data, ticked: dict[str, Clock], speeds: dict[str, Gamma], conf: float) -> Iterator[pd.DataFrame]:
    """Yield what was believed of the pace, and what is known of it now, group by group and all together."""
    key = {"group1_level": TOTAL, "variable": PACE}
    yield rows(Prior(*data.study.forecast.accrual), context="prior", **key)
    for level, clock in ticked.items():
        pace = speeds.get(level)
        known = (pace.mean, *pace.limits(conf)) if pace else [float("nan")] * 3
        speed = Speed(clock.patients, clock.months, *known)
        yield rows(speed, NO_TIME, variable_level="" if level == TOTAL else level, context="pace", **key)
    if TOTAL not in ticked:
        patients = sum(clock.patients for clock in ticked.values())
        mean = sum(pace.mean for pace in speeds.values()) if speeds else float("nan")
        together = Speed(patients, float("nan"), mean, float("nan"), float("nan"))
        yield rows(together, NO_SUM if speeds else NO_DATES, context="pace", **key)


def records(data: Data, found: Harvests) -> pd.DataFrame:
    """Return one row per registered patient: where each stands, and the day on which a pair was complete."""
    patients = found.patients
    frame = pd.DataFrame({"USUBJID": patients.USUBJID, "group": patients.group, "registered": patients.registered})
    if found.missing:
        return frame.assign(state="", paired=pd.NaT).reset_index(drop=True)
    good = found.specimens[found.specimens.unused.isna()]
    both = (data.study.timepoints.baseline, data.study.timepoints.follow_up)
    taken = [good[visit == good.AVISIT].groupby("subject_code").ADT.min().reindex(patients.index) for visit in both]
    days = pd.concat([pd.to_datetime(each) for each in taken], axis=1)
    return frame.assign(
        state=patients.state, paired=days.max(axis=1, skipna=False).where(patients.pair)
    ).reset_index(drop=True)  # fmt: skip


def words(data: Data) -> "Words":
    """Return how a study calls what is forecast."""
    from core.charts.fan import Words

    targets, visits = data.study.targets, data.study.timepoints
    return Words(targets.accrual, targets.evaluable, visits.baseline, visits.follow_up or "follow-up")


def show(result: Result, data: Data) -> Layout:
    """Draw what is to be expected, when, how many to accrue, and what it rests on."""
    from core.tables.forecast import forecast_table

    return forecast_table(result, words(data))


def answer(result: Result, data: Data) -> str:
    """Return whether the target will be reached and when, in a sentence or two."""
    from core.tables.forecast import forecast_answer

    return forecast_answer(result, words(data))


def behind(data: Data, population: Population, options: Options, about: tuple[str, str, str]) -> pd.DataFrame:
    """Return the patients in a state."""
    read = OUTPUT.read(options, data)
    found = harvests.read(data, harvests.registered(data, population), str(read["by"]))
    every, state = records(data, found), about[1]
    first, second = (str(visit) for visit in (data.study.timepoints.baseline, data.study.timepoints.follow_up))
    reads = {
        "pair": "evaluable pair", "failed_baseline": f"failed at {first}", "failed_follow_up": f"failed at {second}",
        "waiting_baseline": f"waiting for {first}", "waiting_follow_up": f"waiting for {second}",
    }  # fmt: skip
    return every if state == STATES[0] else every[every.state == reads[state]].reset_index(drop=True)


def wide(result: Result) -> pd.DataFrame:
    """Return one row a registered patient, as a file has it."""
    if result.records.empty:
        return result.records
    days = {name: result.records[name].dt.strftime("%Y-%m-%d") for name in ("registered", "paired")}
    return result.records.assign(**days)


def _figure(name: str, title: str) -> Figure:
    """Return one of the figures of `core.charts.fan`."""

    def draw(result: Result, data: Data) -> "alt.LayerChart":
        from core.charts import fan

        drawn: alt.LayerChart = getattr(fan, name)(result, words(data))
        return drawn

    return Figure(title, draw, "USUBJID")


OUTPUT = Output(
    "forecast",
    "Forecast of evaluable pairs",
    (BY, RECENT, CONF),
    compute,
    show,
    wants="ADBE",
    figures={"pairs": _figure("pairs", "Pairs ahead"), "patients": _figure("patients", "Accrual ahead")},
    records=wide,
    answer=answer,
    behind=behind,
    whom=harvests.registered,
)
