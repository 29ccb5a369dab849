"""Each patient's course on one line: treatment, doses, adverse events by grade, and how it ended."""

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from core.ard import Result, grid, join
from core.data import Data
from core.formats import NOT_COLLECTED, counted
from core.outputs import at_risk
from core.outputs.catalogue import CONF, Answer, Figure, Option, Options, Output
from core.outputs.categories import CATEGORY, category_labels, not_collected, notes
from core.outputs.incidence import EMPTY_COLUMN, shares
from core.outputs.listing import INTERNAL, listed
from core.study import Population
from core.tables.layout import Layout

if TYPE_CHECKING:
    import altair as alt

NEVER, NO_DOSES = "never dosed", "no dataset ADEX"
ORDER = Option(
    "order", "Order of patients", "longest", control="lanes",
    choices=lambda _: {"longest": "Longest observed first", "events": "Most events first", "subject": "By identifier"},
    help="From top to bottom.",
)  # fmt: skip
MOST = Option(
    "most", "Patients shown", 60.0, "number", minimum=1, maximum=300, whole=True,
    help="The first in that order.",
)  # fmt: skip


def compute(data: Data, population: Population, options: Options) -> Answer:
    """Count days, doses and events of each subject, and place them in time."""
    category = str(options["category"])
    reason = not_collected(data, category)
    events = at_risk.event_days(data, population, category)
    if reason:
        events = events.iloc[:0]
    events = events.sort_values(["subject_code", "begins", "number"])
    courses = _courses(data, population, events)
    shown = _ordered(courses, str(options["order"])).head(int(options["most"]))
    N = np.array([float(len(courses))])
    n, count = (
        np.where(bool(reason), np.nan, np.array([[[float(value)]]]))
        for value in (events.subject_code.nunique(), len(events))
    )
    rows = pd.DataFrame({"variable": ["ANY"], "variable_level": ["Any event"], "group2": "", "group2_level": ""})
    total = grid(rows, "", ["Total"], [""], shares(n, N, count, float(options["conf"])), reason or EMPTY_COLUMN)
    told = [*notes(data, population, options, graded=True), *_notes(data, courses, shown, events)]
    return Answer(join([total, _numbers(data, shown, reason)]), told, _marks(data, population, shown, events))


def _courses(data: Data, population: Population, events: pd.DataFrame) -> pd.DataFrame:
    """Return one row a subject on view: days on treatment and under observation, doses, events, and how it ended."""
    frame = data.ask("observations", population).set_index("subject_code")
    cut = pd.Timestamp(data.study.data_cut)
    first = frame.first_dose
    last = frame.last_dose.where(frame.last_dose.notna(), cut).where(first.notna())
    known = frame[["death", "left_study", "last_alive", "last_dose"]].apply(pd.to_datetime)
    seen = known.death.fillna(known.last_alive).fillna(known.left_study).fillna(known.last_dose).fillna(cut)
    seen = pd.concat([seen, last], axis=1).max(axis=1).clip(upper=cut)
    doses = data.ask("doses", population).groupby("subject_code").size()
    worst = events.groupby("subject_code").grade.max()
    return frame.assign(
        on_treatment=(last - first).dt.days + 1,
        watched=(seen - first).dt.days + 1,
        doses=doses.reindex(frame.index, fill_value=0),
        events=events.groupby("subject_code").size().reindex(frame.index, fill_value=0),
        worst=worst.reindex(frame.index),
        ended=np.select(
            [first.isna(), frame.died.eq(True).fillna(False).astype(bool), frame.last_dose.isna(), frame.left_study.notna()],
            ["Never dosed", "Died", "On treatment", "Off study"], "After treatment",
        ),
    )  # fmt: skip


def _ordered(courses: pd.DataFrame, order: str) -> pd.DataFrame:
    """Return the subjects who were dosed, in the order asked for; where equal, by identifier."""
    dosed = courses[courses.first_dose.notna()].sort_values("USUBJID", kind="stable")
    if order == "subject":
        return dosed
    return dosed.sort_values("watched" if order == "longest" else "events", ascending=False, kind="stable")


def _numbers(data: Data, shown: pd.DataFrame, reason: str) -> pd.DataFrame:
    """Return the numbers of each subject shown as analysis results."""
    rows = pd.DataFrame({"variable": "USUBJID", "variable_level": shown.USUBJID, "group2": "", "group2_level": ""})
    nothing = pd.Series(np.nan, shown.index)
    stats = {
        "days_on_treatment": (shown.on_treatment.astype(float), NEVER),
        "days_observed": (shown.watched.astype(float), NEVER),
        "doses": (shown.doses.astype(float) if "ADEX" in data.schema else nothing, NO_DOSES),
        "events": (nothing if reason else shown.events.astype(float), reason),
    }
    return join(
        [
            grid(rows, "", ["Total"], [""], {name: values.to_numpy()[:, None, None]}, why)
            for name, (values, why) in stats.items()
            if len(rows)
        ]
    )


def _marks(data: Data, population: Population, shown: pd.DataFrame, events: pd.DataFrame) -> pd.DataFrame:
    """Return one row a mark of the subjects shown, in their order: from which day since the first dose to which, and what."""
    frames = [
        pd.DataFrame({"USUBJID": shown.USUBJID, "kind": "treatment", "day": 0.0, "until": shown.on_treatment - 1.0}),
        pd.DataFrame({"USUBJID": shown.USUBJID, "kind": "observed", "day": 0.0, "until": shown.watched - 1.0}),
        pd.DataFrame({"USUBJID": shown.USUBJID, "kind": "end", "day": shown.watched - 1.0, "text": shown.ended}),
    ]
    doses = data.ask("doses", population)
    doses = doses[doses.subject_code.isin(shown.index)]
    frames.append(
        pd.DataFrame(
            {
                "USUBJID": shown.USUBJID.reindex(doses.subject_code).to_numpy(),
                "kind": "dose",
                "day": _since(doses.first_day, shown.first_dose.reindex(doses.subject_code)),
                "until": _since(doses.last_day, shown.first_dose.reindex(doses.subject_code)),
                "text": [f"Cycle {cycle}: {given}" if given else f"Cycle {cycle}" for cycle, given in zip(doses.cycle, doses.given.fillna(""), strict=True)],
            }
        )
    )  # fmt: skip
    mine = events[events.subject_code.isin(shown.index) & events.begins.notna()]
    levels = np.array(["missing", *data.study.adverse_events.levels], dtype=object)
    day, until = (_since(mine[name], shown.first_dose.reindex(mine.subject_code)) for name in ("begins", "ends"))
    frames.append(
        pd.DataFrame(
            {
                "USUBJID": shown.USUBJID.reindex(mine.subject_code).to_numpy(),
                "kind": "event",
                "day": day,
                "until": until,
                "grade": levels[mine.grade.to_numpy()],
                "text": data.terms.set_index("term").pt.reindex(mine.term).to_numpy(),
                "vague": mine.vague.to_numpy(),
            }
        )
    )
    return pd.concat(frames, ignore_index=True)


def _since(day: pd.Series, one: pd.Series) -> np.ndarray:
    return (pd.to_datetime(day).reset_index(drop=True) - one.reset_index(drop=True)).dt.days.to_numpy(dtype=float)


def _notes(data: Data, courses: pd.DataFrame, shown: pd.DataFrame, events: pd.DataFrame) -> list[str]:
    told = [
        "Days on treatment: first to last dose, both included, to the data cut while treatment goes on. Days observed: to death, "
        "else to the last sign of life, not beyond the data cut."
    ]
    never = int(courses.first_dose.isna().sum())
    if never:
        told.append(f"{counted(never, 'subject', 'subjects')} on view never dosed: not shown.")
    rest = len(courses) - never - len(shown)
    if rest:
        told.append(f"{len(shown)} of {counted(len(courses) - never, 'dosed subject', 'dosed subjects')} are shown.")
    if "ADEX" not in data.schema:
        told.append(f"This study has no dataset ADEX, so doses are {NOT_COLLECTED}.")
    undated = int(events.begins.isna().sum())
    if undated:
        told.append(
            f"{undated} of {counted(len(events), 'event')} have no day on which they can have begun: counted, not drawn."
        )
    vague = int((events.vague & events.begins.notna()).sum())
    if vague:
        told.append(
            f"{vague} of {counted(len(events), 'event')} have a partial or missing onset: drawn on the first day it can have been."
        )
    return told


def show(result: Result, data: Data) -> Layout:
    """Draw one row a patient."""
    from core.tables.courses import course_table

    return course_table(result, data.study, category_labels(data)[str(result.options["category"])])


def answer(result: Result, data: Data) -> str:
    """Return how many events of how many subjects there are."""
    ard = result.ard
    if ard.empty or ard.stat.isna().iloc[0] or not result.N:
        return ""
    n, events = (ard.stat[(ard.variable == "ANY") & (ard.stat_name == name)].iloc[0] for name in ("n", "events"))
    label = category_labels(data)[str(result.options["category"])]
    return f"{label}: {counted(int(events), 'event')} of {n:.0f} of {counted(result.N, 'subject')}."


def behind(data: Data, population: Population, options: Options, about: tuple[str, str, str]) -> pd.DataFrame:
    """Return the events of the category of one subject."""
    category = str(OUTPUT.read(options, data)["category"])
    events = listed(data, population, category)
    return events[events.USUBJID.eq(about[1])].drop(columns=[*INTERNAL]).reset_index(drop=True)


def _swimmer(result: Result, data: Data) -> "alt.LayerChart":
    from core.charts.swimmer import swimmer

    return swimmer(result, data.study.adverse_events, category_labels(data)[str(result.options["category"])])


OUTPUT = Output(
    "ae_timeline",
    "Courses of patients",
    (CATEGORY, ORDER, MOST, CONF),
    compute,
    show,
    needs="ADAE",
    figures={"swimmer": Figure("Patients", _swimmer, "about")},
    answer=answer,
    behind=behind,
)
