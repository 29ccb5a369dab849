"""How often marrow could be evaluated, why it could not, and of how many patients each marker has a pair."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from core.ard import Result, grid, join, rows
from core.data import Data
from core.formats import counted, named, percentage
from core.outputs import harvests, markers
from core.outputs.attempts import (
    ATTEMPTS,
    EITHER,
    FAILURES,
    LOST,
    METHODS,
    PAIR,
    PATIENT,
    SPECIMENS,
    attempts,
    failures,
    visits,
)  # fmt: skip
from core.outputs.catalogue import CONF, Answer, Figure, Option, Options, Output
from core.outputs.harvests import BY, NOBODY, NONE, TOTAL, Harvests
from core.stats.proportion import proportion
from core.study import Population
from core.tables.layout import Layout

if TYPE_CHECKING:
    import altair as alt

HARVEST, REASON, MARKER, AVISIT = "HARVEST", "REASON", "PARAMCD", "AVISIT"
NO_ATTEMPT, NO_FAILURE = "no such attempt", "nothing failed"
REASONS = Option(
    "reasons", "Reasons of", FAILURES,
    choices=lambda _: {FAILURES: "Every specimen that failed", LOST: "Patients lost to the target"},
    help="Of all specimens that failed; or only of patients without an evaluable one, whose pair is lost.",
    control="failure_reasons", wide=True,
)  # fmt: skip
KINDS = {
    "BIOPSY": "Biopsy", "ASPIRATE": "Aspirate", EITHER: "Either method", PATIENT: "Patients decided",
    PAIR: "Pairs, of patients whose window has closed",
}  # fmt: skip


@dataclass(frozen=True)
class Anticipated:
    """What the protocol expects, in percent."""

    percent: float


def compute(data: Data, population: Population, options: Options) -> Answer:
    """Count attempts that succeeded by timepoint, method and group, reasons of those that failed, and pairs by marker."""
    found = harvests.read(data, population, str(options["by"]))
    if found.missing:
        return Answer(join([]), [f"Specimens: {found.missing}."])
    group1, conf = "" if options["by"] == NONE else str(options["by"]), float(options["conf"])
    tried, failed = attempts(data, found), failures(data, found, str(options["reasons"]))
    frames = [
        _shares(data, tried, found, group1, conf), _anticipated(data), *_reasons(data, failed, found, group1),
        _markers(data, population, found, group1, conf),
    ]  # fmt: skip
    return Answer(join(frames), _notes(data, found), _records(tried, failed, found))


def _records(tried: pd.DataFrame, failed: pd.DataFrame, found: Harvests) -> pd.DataFrame:
    """Return attempts and failures as figures draw them; `mark` names what a click chooses, its group or all together."""
    parts = [tried.assign(mark=_mark(tried, tried.group))]
    if found.levels:
        parts.append(tried.assign(mark=_mark(tried, TOTAL)))
    parts.append(failed.assign(mark=failed.AVISIT + ": " + failed.reason, evaluable=False, harvest=REASON))
    return pd.concat(parts, ignore_index=True)


def _mark(tried: pd.DataFrame, group: Any) -> pd.Series:
    return tried.AVISIT + ": " + tried.harvest.map(KINDS) + ": " + group


def _shares(data: Data, tried: pd.DataFrame, found: Harvests, group1: str, conf: float) -> pd.DataFrame:
    first, second = visits(data)
    kept = [(kind, visit) for visit in (first, second) for kind in (*METHODS, EITHER, PATIENT)] + [(PAIR, second)]
    groups = [*found.levels, TOTAL]
    n, N = (np.zeros((len(kept), len(groups), 1)) for _ in range(2))
    for at, (kind, visit) in enumerate(kept):
        of = tried[(kind == tried.harvest) & (visit == tried.AVISIT)]
        for place, part in enumerate(_parts(of, groups)):
            n[at, place], N[at, place] = part.evaluable.sum(), len(part)
    share = proportion(n, N, conf)
    stats = {name: getattr(share, name) for name in ("n", "N", "percent", "conf_low", "conf_high")}
    return grid(
        _rows(HARVEST, [kind for kind, _ in kept], [visit for _, visit in kept]),
        group1,
        groups,
        [""],
        stats,
        NO_ATTEMPT,
    )


def _parts(frame: pd.DataFrame, groups: list[str]) -> Iterator[pd.DataFrame]:
    for group in groups:
        yield frame if group == TOTAL else frame[frame.group == group]


def _rows(variable: str, levels: Any, at: Any) -> pd.DataFrame:
    return pd.DataFrame(
        {"variable": variable, "variable_level": levels, "group2": AVISIT if len(at) else "", "group2_level": at}
    )


def _anticipated(data: Data) -> pd.DataFrame:
    rate = data.study.targets.anticipated_evaluable_rate
    why = "" if rate else "study.toml has no anticipated_evaluable_rate"
    key = {"variable": HARVEST, "variable_level": PAIR, "group2": AVISIT, "group2_level": visits(data)[1]}
    return rows(
        Anticipated(100 * rate if rate else float("nan")), why, group1_level=TOTAL, context="anticipated", **key
    )


def _reasons(data: Data, failed: pd.DataFrame, found: Harvests, group1: str) -> Iterator[pd.DataFrame]:
    """Count reasons timepoint by timepoint, the most frequent first, with the share of all down to each."""
    groups = [*found.levels, TOTAL]
    for visit in visits(data):
        here = failed[visit == failed.AVISIT]
        order = [
            str(reason) for reason, _ in sorted(here.reason.value_counts().items(), key=lambda of: (-of[1], str(of[0])))
        ]
        if not order:
            continue
        parts = list(_parts(here, groups))
        n = np.array([[(part.reason == reason).sum() for part in parts] for reason in order], dtype=float)
        N = np.broadcast_to(np.array([len(part) for part in parts], dtype=float), n.shape)
        with np.errstate(invalid="ignore"):
            stats = {"n": n, "N": N, "percent": 100 * n / N, "cumulative": 100 * n.cumsum(axis=0) / N}
        shaped = {name: value[..., None] for name, value in stats.items()}
        yield grid(_rows(REASON, order, [visit] * len(order)), group1, groups, [""], shaped, NO_FAILURE)


def _markers(data: Data, population: Population, found: Harvests, group1: str, conf: float) -> pd.DataFrame:
    """Count patients with a pair of each marker, and those with a value at each timepoint; nothing without markers."""
    first, second = visits(data)
    if "ADBM" not in data.schema or not {first, second} <= set(data.timepoints):
        return join([])
    values = markers.read(data, population, {"from": first, "to": second})
    here = values.subjects.subject_code.isin(found.patients.index).to_numpy(dtype=bool)
    group = found.patients.group.reindex(values.subjects.subject_code[here]).to_numpy()
    groups = [*found.levels, TOTAL]
    members = np.array([[each in (TOTAL, of) for of in group] for each in groups], dtype=float).reshape(len(groups), -1)
    n_pairs, n_earlier, n_later = (
        flags[:, here].astype(float) @ members.T
        for flags in (values.paired, values.earlier.present, values.later.present)
    )
    share = proportion(n_pairs, np.broadcast_to(members.sum(axis=1), n_pairs.shape), conf)
    stats = {
        "n_pairs": n_pairs, "N": share.N, "percent": share.percent, "conf_low": share.conf_low, "conf_high": share.conf_high,
        "n_earlier": n_earlier, "n_later": n_later,
    }  # fmt: skip
    shaped = {name: value[..., None] for name, value in stats.items()}
    named_ = pd.DataFrame(
        {"variable": MARKER, "variable_level": values.markers.PARAMCD, "group2": "", "group2_level": ""}
    )
    return grid(named_, group1, groups, ["marker"], shaped, NOBODY)


def _notes(data: Data, found: Harvests) -> list[str]:
    first, second = visits(data)
    notes = [
        "An attempt is a method used in a patient at a timepoint, and succeeds when one of its specimens is evaluable inside "
        "the window; either method counts a patient once. A specimen planned and never taken is no attempt, but its reason "
        "stands among the reasons. A specimen that nobody has judged yet is not counted.",
        f"Patients decided: at {first}, all of them; at {second}, those evaluable at {first} whose window has closed, dropouts "
        f"as failures. Pairs: of everybody whose window of {second} has closed, evaluable at {first} or not.",
    ]
    undecided = found.patients.USUBJID[found.waiting]
    if len(undecided):
        notes.append(f"Undecided so far: {counted(len(undecided), 'patient')} ({named(undecided)}).")
    if "ADBM" not in data.schema:
        notes.append("Pairs by marker: not collected; this study has no dataset ADBM.")
    return notes


def answer(result: Result, data: Data) -> str:
    """Return how often a patient gave a pair, against what was anticipated."""
    ard = result.ard[(result.ard.group1_level == TOTAL) & (result.ard.variable_level == PAIR)]
    if ard.empty:
        return ""
    stats = {(row.context, row.stat_name): float(row.stat) for row in ard.itertuples()}
    second, conf = visits(data)[1], 100 * float(result.options["conf"])
    if not stats["", "N"]:
        return f"Nobody on view has come to the end of the window of {second} yet."
    low, percent, high = (percentage(stats["", name]) for name in ("conf_low", "percent", "conf_high"))
    told = (
        f"Of {counted(int(stats['', 'N']), 'patient')} whose window of {second} has closed, {stats['', 'n']:.0f} gave an "
        f"evaluable pair: {percent}% ({conf:g}% CI {low} to {high}%)"
    )
    expected = stats["anticipated", "percent"]
    return told + ("." if np.isnan(expected) else f"; {percentage(expected)}% were anticipated.")


def show(result: Result, data: Data) -> Layout:
    """Draw attempts, reasons and pairs by marker under each other."""
    from core.tables.evaluability import evaluability_table

    return evaluability_table(result, KINDS, markers.PARAMCD.choices(data))


def behind(data: Data, population: Population, options: Options, about: tuple[str, str, str]) -> pd.DataFrame:
    """Return the attempts or specimens behind a row of the table (what, level, timepoint)."""
    variable, level, visit = about
    records = compute(data, harvests.registered(data, population), OUTPUT.read(options, data)).records
    here = records[visit == records.AVISIT]
    return plain(here[here.harvest == level] if variable == HARVEST else here[here.reason == level])


def plain(records: pd.DataFrame) -> pd.DataFrame:
    """Return attempts or failures as a reader wants them, each once."""
    of_failures = "reason" in records and records.reason.notna().any()
    shown = records[SPECIMENS if of_failures else ATTEMPTS].drop_duplicates().reset_index(drop=True)
    if of_failures:
        return shown
    words = {True: "Y", False: "N"}
    return shown.assign(evaluable=shown.evaluable.map(words), harvest=shown.harvest.map(KINDS))


def wide(result: Result) -> pd.DataFrame:
    """Return one row per attempt, and one per specimen that failed, as a file has them."""
    records = result.records
    if records.empty:
        return records
    each = records.drop(columns="mark").drop_duplicates()
    days = pd.to_datetime(each.ADT).dt.strftime("%Y-%m-%d") if "ADT" in each else ""
    kinds = KINDS | {REASON: "Specimen that failed"}
    return each.assign(ADT=days, evaluable=each.evaluable.map({True: "Y", False: "N"}), harvest=each.harvest.map(kinds))


def _figure(name: str, title: str, selects: str) -> Figure:
    """Return one of the figures, each in a module of `core.charts`."""

    def draw(result: Result, data: Data) -> "alt.LayerChart":
        from core.charts.evaluability import Words, success
        from core.charts.marker_pairs import by_marker
        from core.charts.pareto import pareto

        by = "" if result.options["by"] == NONE else data.study.subgroup_label(str(result.options["by"]))
        words = Words(KINDS, markers.PARAMCD.choices(data), by, data.study.targets.evaluable)
        return {"success": success, "pareto": pareto, "by_marker": by_marker}[name](result, words)

    return Figure(title, draw, selects)


OUTPUT = Output(
    "evaluability",
    "Evaluability of specimens",
    (BY, REASONS, CONF),
    compute,
    show,
    needs="ADBE",
    figures={
        "success": _figure("success", "How often it succeeds", "mark"),
        "pareto": _figure("pareto", "Why it fails", "mark"),
        "by_marker": _figure("by_marker", "Pairs by marker", "PARAMCD"),
    },
    records=wide,
    answer=answer,
    behind=behind,
    whom=harvests.registered,
)
