"""What was measured: every marker at every timepoint."""

import numpy as np
import pandas as pd

from core.ard import Result, grid, join
from core.data import Data
from core.outputs import markers
from core.outputs.catalogue import CONF, Answer, Option, Options, Output
from core.outputs.comparison import UNSIZED
from core.outputs.markers import ALL, BLQ, FAMILY
from core.stats.below_limit import Measured, on_scale
from core.stats.location import location
from core.study import Population
from core.tables.layout import Layout

PLANNED = "planned"
VISITS = Option(
    "visits", "Timepoints", PLANNED,
    choices=lambda data: {PLANNED: "The planned two", ALL: "All"} | {name: name for name in data.timepoints},
    help="Which timepoints are summarised.",
)  # fmt: skip


def compute(data: Data, population: Population, options: Options) -> Answer:
    """Summarise each marker at each timepoint, among all subjects on view."""
    known = data.parameters
    if options["family"] != ALL:
        known = known[known.family == options["family"]]
    visits = _visits(data, str(options["visits"]))
    subjects = data.ask("subject_records", population)
    rows = data.ask(
        "measurements", population, timepoints=[data.timepoints[v] for v in visits], parameters=known.parameter.tolist()
    )
    groups = dict(list(rows.groupby(["parameter", "timepoint"])))
    nothing = rows.iloc[:0]
    if not visits or known.empty:
        return Answer(join([]), ["There is no biomarker at any such timepoint, so there is nothing to summarise."])
    cells = [(marker, visit) for marker in known.itertuples() for visit in visits]
    found = [
        _summary(groups.get((marker.parameter, data.timepoints[visit]), nothing), len(subjects), options)
        for marker, visit in cells
    ]
    about = pd.DataFrame(
        [(marker.PARAMCD, visit, "family", marker.family) for marker, visit in cells],
        columns=["variable", "variable_level", "group2", "group2_level"],
    )
    stats = pd.DataFrame([stats for stats, _ in found])
    reasons = np.array([reason for _, reason in found], dtype=object)[:, None, None]
    frame = grid(about, "", [""], ["summary"], {name: stats[name].to_numpy()[:, None, None] for name in stats}, reasons)
    unstated = int((rows.below & rows.lloq.isna()).sum())
    notes = [
        f"n: values used; missing: of N={len(subjects)} subjects on view those without a usable value at the timepoint.",
        markers.below_sentence(int(rows.below.sum()), len(rows), unstated, str(options["blq"]), "values"),
    ]
    return Answer(frame, notes)


def _visits(data: Data, asked: str) -> list[str]:
    if asked in data.timepoints:
        return [asked]
    planned = (data.study.timepoints.baseline, data.study.timepoints.follow_up)
    return [name for name in data.timepoints if asked != ALL and name in planned] or list(data.timepoints)


def _summary(group: pd.DataFrame, N: int, options: Options) -> tuple[dict[str, float], str]:
    """Return the statistics of one marker at one timepoint, and why of them is missing what is."""
    rule, n_below = str(options["blq"]), int(group.below.sum())
    values = on_scale(Measured.of(group.AVAL, group.below, group.lloq), rule)
    unsized = rule == "lowest" and n_below > 0
    stats = vars(location(np.full(len(values), np.nan) if unsized else values, float(options["conf"])))
    n = len(group) if unsized else int(np.count_nonzero(~np.isnan(values)))
    counts = {"n": n, "n_missing": N - len(group), "n_left_out": len(group) - n, "n_below": n_below}
    percent = 100 * n_below / len(group) if len(group) else np.nan
    reason = UNSIZED if unsized else "no value" if not n else "too few values, or not all are positive"
    return stats | counts | {"percent_below": percent}, reason


def show(result: Result, data: Data) -> Layout:
    """Draw one row a timepoint, marker by marker."""
    from core.tables.panel import summary_table

    return summary_table(result, data.parameters)


OUTPUT = Output(
    "biomarker_summary", "Biomarkers by timepoint", (FAMILY, VISITS, BLQ, CONF), compute, show, needs="ADBM"
)
