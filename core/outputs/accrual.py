"""Who was accrued, dosed and evaluable, against the targets; and how accrual went, month by month, against the plan."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from core.ard import Result, grid, join, rows
from core.data import Data
from core.formats import counted, named, percentage
from core.outputs import harvests
from core.outputs.catalogue import CONF, Answer, Figure, Options, Output
from core.outputs.clocks import BY_DOSE, NO_DATES
from core.outputs.harvests import BY, NOBODY, NONE, OF_THE_WHOLE, TOTAL, Harvests, narrowed
from core.stats.pace import MONTH
from core.stats.proportion import proportion
from core.study import Population, Study
from core.tables.layout import Layout

if TYPE_CHECKING:
    import altair as alt

ACCRUED, DOSED, BASELINE, FOLLOW_UP, PAIR, WAITING = "accrued", "dosed", "baseline", "follow_up", "pair", "waiting"
STEPS = (ACCRUED, DOSED, BASELINE, FOLLOW_UP, PAIR, WAITING)
STEP, MONTHS, TARGET = "STEP", "MONTH", "target"
NO_TARGET = "study.toml has no such target"


@dataclass(frozen=True)
class Plan:
    """Patients a month as planned."""

    planned_per_month: float


@dataclass(frozen=True)
class Aim:
    """A target, and what percentage of it is reached."""

    target: float
    percent: float


def labels(study: Study) -> dict[str, str]:
    """Return the steps and how they read."""
    visits = study.timepoints
    return {
        ACCRUED: "Accrued",
        DOSED: "Dosed",
        BASELINE: f"Evaluable at {visits.baseline}",
        FOLLOW_UP: f"Evaluable at {visits.follow_up or 'follow-up'}",
        PAIR: "Evaluable pair",
        WAITING: "Could still become a pair",
    }


def compute(data: Data, population: Population, options: Options) -> Answer:
    """Count the steps and the months, and set them against targets and plan."""
    found = harvests.read(data, population, str(options["by"]))
    records = _records(found)
    group1 = "" if options["by"] == NONE else str(options["by"])
    frames = [_steps(records, found, group1, float(options["conf"])), *_targets(data, records, found, population)]
    frames += _months(data, records, found, group1)
    return Answer(join(frames), _notes(data, records, found, population), records)


def _records(found: Harvests) -> pd.DataFrame:
    """Return one row per registered patient: which steps were reached, and where the patient stands."""
    patients = found.patients
    flags: dict[str, object] = {ACCRUED: True, DOSED: patients.dosed.notna() if found.dosing else None}
    if not found.missing:
        flags |= {BASELINE: patients.earlier, FOLLOW_UP: patients.later, PAIR: patients.pair, WAITING: found.waiting}
    frame = pd.DataFrame(
        {
            "USUBJID": patients.USUBJID,
            "group": patients.group,
            "registered": patients.registered,
            "month": patients.registered.dt.strftime("%Y-%m"),
            "first dose": patients.dosed,
            "state": patients.get("state", pd.Series("", patients.index)),
        }
    )
    return frame.assign(**{name: flags.get(name) for name in STEPS}).reset_index(drop=True)


def _parts(records: pd.DataFrame, found: Harvests) -> Iterator[tuple[str, pd.DataFrame]]:
    """Yield each group with its records, and everybody."""
    for level in found.levels:
        yield level, records[records.group == level]
    yield TOTAL, records


def _steps(records: pd.DataFrame, found: Harvests, group1: str, conf: float) -> pd.DataFrame:
    parts = dict(_parts(records, found))
    known = [ACCRUED, *([DOSED] if found.dosing else []), *([] if found.missing else STEPS[2:])]
    n = np.array(
        [[part[step].sum() if step in known else np.nan for part in parts.values()] for step in STEPS], dtype=float
    )
    N = np.array([[len(part) for part in parts.values()]] * len(STEPS), dtype=float)
    shares = proportion(n, N, conf)
    why = np.where(np.isnan(n), [[_why(found, step)] * len(parts) for step in STEPS], NOBODY)
    named_ = pd.DataFrame({"variable": STEP, "variable_level": STEPS, "group2": "", "group2_level": ""})
    stats = {name: getattr(shares, name)[..., None] for name in ("n", "N", "percent", "conf_low", "conf_high")}
    return grid(named_, group1, list(parts), [""], stats, why[..., None].astype(object))


def _why(found: Harvests, step: str) -> str:
    return "ADSL has no TRTSDT" if step == DOSED else found.missing


def _targets(data: Data, records: pd.DataFrame, found: Harvests, population: Population) -> Iterator[pd.DataFrame]:
    """Yield the targets and how much of each is reached; of a part of the study none."""
    for step, target in ((ACCRUED, data.study.targets.accrual), (PAIR, data.study.targets.evaluable)):
        why = NO_TARGET if target is None else found.missing if step == PAIR else ""
        why = why or (OF_THE_WHOLE if narrowed(population) else "")
        reached = float("nan") if why else 100 * float(records[step].sum()) / (target or 1)
        aim = Aim(float("nan") if target is None else float(target), reached)
        yield rows(aim, why, group1_level=TOTAL, variable=STEP, variable_level=step, context=TARGET)


def _months(data: Data, records: pd.DataFrame, found: Harvests, group1: str) -> list[pd.DataFrame]:
    """Return registrations month by month, and the plan; nothing where no date is supplied."""
    days, plan = records.registered.dropna(), data.study.accrual_plan
    if days.empty:
        return []
    begin = min([days.min(), *([pd.Timestamp(plan.start)] if plan.start else [])])
    months = pd.period_range(begin, max(pd.Timestamp(data.study.data_cut), days.max()), freq="M")
    texts = [str(month) for month in months]
    parts = dict(_parts(records, found))
    n = np.array([[(part.month == text).sum() for part in parts.values()] for text in texts], dtype=float)
    named_ = pd.DataFrame({"variable": MONTHS, "variable_level": texts, "group2": "", "group2_level": ""})
    stats = {"n": n[..., None], "cumulative": n.cumsum(axis=0)[..., None]}
    frames = [grid(named_, group1, list(parts), [""], stats)]
    if plan.start and plan.planned_per_month:
        last = pd.Series(months.to_timestamp(how="end"))
        elapsed = (last - pd.Timestamp(plan.start)).dt.days.clip(lower=0) + 1
        planned = (plan.planned_per_month * elapsed / MONTH).clip(upper=data.study.targets.accrual or np.inf)
        frames.append(grid(named_, "", [TOTAL], ["plan"], {"planned": planned.to_numpy()[:, None, None]}))
        frames.append(rows(Plan(plan.planned_per_month), group1_level=TOTAL, variable=MONTHS, context="plan"))
    return frames


def _notes(data: Data, records: pd.DataFrame, found: Harvests, population: Population) -> list[str]:
    study = data.study
    notes = [
        "Everybody registered counts, whatever population an analysis is about; percent is of those accrued in the column."
    ]
    if found.missing:
        notes.append(f"Specimens, and so pairs: {found.missing}.")
    else:
        first, second = study.timepoints.baseline, study.timepoints.follow_up
        notes.append(
            "Evaluable: at least one evaluable specimen, by any method and inside its window. Could still become a pair: on "
            f"study, without a failure at {first} or {second} so far: a window is open, or a specimen is not judged yet."
        )
    if found.by_dose:
        notes.append(BY_DOSE)
    undated = int(records.registered.isna().sum())
    if undated == len(records) and undated:
        notes.append(f"Accrual over time: {NO_DATES}.")
    elif undated:
        names = named(records.USUBJID[records.registered.isna()])
        notes.append(
            f"{counted(undated, 'patient is', 'patients are')} registered without a date, and in no month ({names})."
        )
    if len(records) and not (study.targets.accrual and study.targets.evaluable):
        lacking = [name for name, value in (("accrual", study.targets.accrual), ("evaluable", study.targets.evaluable)) if not value]  # fmt: skip
        notes.append(f"The study names no target of {' and '.join(lacking)}.")
    if narrowed(population):
        notes.append(f"Targets: {OF_THE_WHOLE}.")
    return notes


def answer(result: Result, _: Data) -> str:
    """Return how far accrual and pairs are, in one sentence."""
    ard = result.ard[result.ard.group1_level == TOTAL]
    n = ard[(ard.variable == STEP) & (ard.stat_name == "n")].set_index("variable_level").stat
    aims = ard[ard.context == TARGET].pivot(index="variable_level", columns="stat_name", values="stat")
    told = [f"{_against(n[ACCRUED], *aims.loc[ACCRUED, ['target', 'percent']])} accrued by {result.data_cut}"]
    if not np.isnan(n[PAIR]):
        told.append(f"{_against(n[PAIR], *aims.loc[PAIR, ['target', 'percent']])} evaluable pairs")
        more = int(n[WAITING])
        told.append(f"{counted(more, 'more patient', 'more patients')} could still become one")
    return "; ".join(told) + "."


def _against(n: float, target: float, percent: float) -> str:
    return f"{n:.0f}" if np.isnan(percent) else f"{n:.0f} of {target:.0f} ({percentage(percent)}%)"


def show(result: Result, data: Data) -> Layout:
    """Draw the steps and the months."""
    from core.tables.accrual import accrual_table

    return accrual_table(result, labels(data.study))


def behind(data: Data, population: Population, options: Options, about: tuple[str, str, str]) -> pd.DataFrame:
    """Return the patients behind a step or a month."""
    variable, level, _ = about
    read = OUTPUT.read(options, data)
    records = _records(harvests.read(data, harvests.registered(data, population), str(read["by"])))
    chosen = records[level].eq(True) if variable == STEP else records.month == level
    return wide_records(records[chosen])


def wide_records(records: pd.DataFrame) -> pd.DataFrame:
    """Return one row a patient as a reader wants it: yes or no to each step."""
    yes_no = {step: records[step].map({True: "Y", False: "N"}) for step in STEPS[1:]}
    return records.drop(columns=[ACCRUED, "month"]).assign(**yes_no).reset_index(drop=True)


def wide(result: Result) -> pd.DataFrame:
    """Return one row a registered patient, as a file has it."""
    if result.records.empty:
        return result.records
    frame = wide_records(result.records)
    days = frame.select_dtypes("datetime").columns
    return frame.assign(**{day: frame[day].dt.strftime("%Y-%m-%d") for day in days})


def _figure(name: str, title: str, selects: str) -> Figure:
    """Return one of the figures of `core.charts.accrual`."""

    def draw(result: Result, data: Data) -> "alt.LayerChart":
        from core.charts import accrual, funnel

        by = str(result.options["by"])
        day = "the first dose" if BY_DOSE in result.notes else "registration"
        words = funnel.Words(labels(data.study), "" if by == NONE else data.study.subgroup_label(by), day)
        drawn: alt.LayerChart = getattr(funnel if name == "funnel" else accrual, name)(result, words)
        return drawn

    return Figure(title, draw, selects)


OUTPUT = Output(
    "accrual",
    "Accrual",
    (BY, CONF),
    compute,
    show,
    figures={
        "funnel": _figure("funnel", "From accrual to pairs", "step"),
        "cumulative": _figure("cumulative", "Accrual over time", "USUBJID"),
        "monthly": _figure("monthly", "Accrual by month", "month"),
    },
    records=wide,
    answer=answer,
    behind=behind,
    whom=harvests.registered,
)
