"""Counts of subjects and events by row, column and worst grade: what the adverse-event outputs share."""

from dataclasses import dataclass, replace

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from core.ard import grid
from core.data import Data
from core.outputs.catalogue import Answer, Option, Options, group_name
from core.outputs.categories import mask, not_collected, notes
from core.stats.proportion import proportion
from core.stats.worst import event_counts, worst_counts
from core.study import Population

Floats = NDArray[np.float64]
ANY_EVENT = "Any event"
MISSING = "missing"
EMPTY_COLUMN = "no subject in this column"

SORT = Option(
    "sort", "Order", "frequency",
    choices=lambda _: {"frequency": "Most frequent first", "alphabetical": "Alphabetical"},
    help="By subjects in the total column, or by name.",
)  # fmt: skip
MIN_PERCENT = Option(
    "min_percent", "Hide terms below (percent)", 0.0, "number", step=1,
    help="A term is shown when at least one column reaches this percentage.", rare=True,
)  # fmt: skip
INTERVAL = Option("interval", "Exact confidence intervals", False, "flag", help="Clopper-Pearson limits.", rare=True)


@dataclass(frozen=True)
class Incidence:
    """A table of counts.

    Attributes
    ----------
    rows : DataFrame
        variable (ANY, SOC, PT), variable_level, group2, group2_level.
    levels, N
        The columns and their denominators; the last is the total.
    n, events : ndarray, shape (rows, columns, contexts)
        Subjects by worst grade and events by own grade.
    contexts : tuple of str
        "any", each grade, "missing" and the groups of grades.
    """

    rows: pd.DataFrame
    levels: tuple[str, ...]
    N: Floats
    contexts: tuple[str, ...]
    n: Floats
    events: Floats

    def pick(self, order: NDArray[np.intp]) -> "Incidence":
        """Return some of the rows, in the order given."""
        return replace(
            self, rows=self.rows.iloc[order].reset_index(drop=True), n=self.n[order], events=self.events[order]
        )

    def ard(
        self, group1: str, conf: float, warning: str, ungraded: str = "", contexts: tuple[str, ...] | None = None
    ) -> pd.DataFrame:
        """Return n, N, percent, events and exact limits of every cell.

        `warning` empties them all; `ungraded` those of a grade, when the study recorded none.
        """
        kept = [self.contexts.index(context) for context in contexts or self.contexts]
        n, events = self.n[..., kept], self.events[..., kept]
        reasons = [warning or (ungraded if self.contexts[k] not in ("any", MISSING) else "") for k in kept]
        blank = np.array([bool(reason) for reason in reasons])
        n, events = np.where(blank, np.nan, n), np.where(blank, np.nan, events)
        names = ("",) if contexts == ("any",) else [self.contexts[k] for k in kept]
        stats = shares(n, self.N, events, conf)
        why = np.array([reason or EMPTY_COLUMN for reason in reasons], dtype=object)
        return grid(self.rows, group1, self.levels, names, stats, np.broadcast_to(why, n.shape))


def shares(n: Floats, N: Floats, events: Floats, conf: float) -> dict[str, Floats]:
    """Return the statistics of counts of shape (rows, columns, contexts) with N of each column."""
    found = proportion(n, np.broadcast_to(N[None, :, None], n.shape), conf)
    return {
        "n": n, "N": found.N, "percent": found.percent, "events": events,
        "conf_low": found.conf_low, "conf_high": found.conf_high,
    }  # fmt: skip


def incidence(data: Data, population: Population, options: Options) -> Incidence:
    """Count subjects once per row at their worst grade, and events, for one category.

    A missing grade never beats a known one. The rows are any event, each SOC and each PT with at least one
    subject on view; every SOC and PT stands behind the SOC it belongs to, in the order `options` asks for.
    """
    columns = data.ask("columns", population, str(options["columns"]))
    members = data.ask("column_member", population, str(options["columns"]))
    coding = data.study.adverse_events
    wanted = mask(str(options["category"]))
    graded = np.stack([_graded(data, members[members.position == at], wanted) for at in columns.position], axis=2)
    rows, at = _rows(data.terms, graded)
    contexts = _contexts(graded[:, at], coding.levels, coding.grade_groups)
    table = Incidence(
        rows, tuple(columns.level), columns.N.to_numpy(dtype=float), tuple(contexts),
        np.stack([n for n, _ in contexts.values()], axis=-1), np.stack([e for _, e in contexts.values()], axis=-1),
    )  # fmt: skip
    return table.pick(_order(table, str(options["sort"])))


def _graded(data: Data, members: pd.DataFrame, wanted: int) -> Floats:
    """Subjects by worst grade and events by grade of one column: any event, then each SOC, then each term."""
    events, terms = data.events, data.terms
    grades = 1 + len(data.study.adverse_events.levels)
    on_view = np.zeros(data.subjects + 1, dtype=bool)
    on_view[members.subject_code] = True
    counted = on_view[events.subject_code] & (events.flags & wanted == wanted)
    if members.period.notna().any():
        counted &= events.period == members.period.iloc[0]
    subject, term, grade = (column[counted] for column in (events.subject_code, events.term, events.grade))
    soc_of = np.zeros(len(terms) + 1, dtype=np.int32)
    soc_of[terms.term] = terms.soc_code - 1
    groups = ((np.zeros_like(term), 1), (soc_of[term], terms.soc_code.nunique()), (term - 1, len(terms)))
    n = [worst_counts(subject, group, grade, count, grades) for group, count in groups]
    found = [event_counts(group, grade, count, grades) for group, count in groups]
    return np.stack([np.concatenate(n), np.concatenate(found)]).astype(float)


def _rows(terms: pd.DataFrame, graded: Floats) -> tuple[pd.DataFrame, NDArray[np.intp]]:
    """The rows that have a subject in some column (any event always), and where they stand in `graded`."""
    seen = graded[0].sum(axis=(1, 2)) > 0
    seen[0] = True
    at = np.flatnonzero(seen)
    return every_row(terms).iloc[at].reset_index(drop=True), at


def every_row(terms: pd.DataFrame) -> pd.DataFrame:
    """Return the row of any event, then those of each SOC and of each PT, in the order of their codes."""
    socs = terms.drop_duplicates("soc_code")
    return pd.concat(
        [
            pd.DataFrame({"variable": ["ANY"], "variable_level": [ANY_EVENT], "group2": "", "group2_level": ""}),
            pd.DataFrame({"variable": "SOC", "variable_level": socs.soc, "group2": "", "group2_level": ""}),
            pd.DataFrame({"variable": "PT", "variable_level": terms.pt, "group2": "SOC", "group2_level": terms.soc}),
        ],
        ignore_index=True,
    )


def _contexts(
    graded: Floats, levels: tuple[str, ...], groups: dict[str, tuple[str, ...]]
) -> dict[str, tuple[Floats, Floats]]:
    """Context -> (subjects, events): any, each level, missing, and groups of levels."""
    n, events = graded
    by_level = {level: (n[..., i], events[..., i]) for i, level in enumerate(levels, 1)}
    grouped = {
        name: (sum(by_level[level][0] for level in members), sum(by_level[level][1] for level in members))
        for name, members in groups.items()
    }
    everything = {"any": (n.sum(axis=-1), events.sum(axis=-1)), **by_level, MISSING: (n[..., 0], events[..., 0])}
    return everything | grouped


def _order(table: Incidence, sort: str) -> NDArray[np.intp]:
    return placed(table.rows, table.n[:, -1, 0], sort)


def placed(rows: pd.DataFrame, total: Floats, sort: str) -> NDArray[np.intp]:
    """Return the order of rows: any event, then each SOC followed by its terms; by subjects in the total, or by name."""
    counts = total if sort == "frequency" else np.zeros(len(rows))
    socs = np.where(rows.variable == "SOC", rows.variable_level, rows.group2_level)
    of_soc = dict(zip(rows.variable_level[rows.variable == "SOC"], counts[rows.variable == "SOC"], strict=True))
    rank = {"ANY": 0, "SOC": 1, "PT": 2}
    keys = [
        (rank[variable] > 0, -of_soc.get(soc, 0), soc, rank[variable], -count, level)
        for variable, soc, count, level in zip(rows.variable, socs, counts, rows.variable_level, strict=True)
    ]
    return np.array(sorted(range(len(keys)), key=keys.__getitem__), dtype=np.intp)


def frequent(table: Incidence, min_percent: float) -> tuple[Incidence, str]:
    """Return the rows that reach the percentage in some column, and a note of what was hidden."""
    kept, note = reaching(table.rows, table.n[..., 0], table.N, min_percent)
    return table.pick(kept), note


def reaching(rows: pd.DataFrame, n: Floats, N: Floats, min_percent: float) -> tuple[NDArray[np.intp], str]:
    """Return which rows reach the percentage in some column (any event always), and a note of what was hidden."""
    if min_percent <= 0:
        return np.arange(len(rows)), ""
    with np.errstate(invalid="ignore", divide="ignore"):
        reached = (100 * n / N >= min_percent - 1e-9).any(axis=1)
    keep = reached | (rows.variable == "ANY").to_numpy()
    hidden = rows[~keep].variable.value_counts()
    note = (
        f"Shown when at least one column reaches {min_percent:g}%: "
        f"{hidden.get('PT', 0)} terms and {hidden.get('SOC', 0)} system organ classes are hidden."
    )
    return np.flatnonzero(keep), note


def tabulate(data: Data, population: Population, options: Options, contexts: tuple[str, ...] | None = None) -> Answer:
    """Return the analysis results of one category's table, and its notes."""
    table, hidden = frequent(incidence(data, population, options), float(options["min_percent"]))
    reason = not_collected(data, str(options["category"]))
    frame = table.ard(group_name(options), float(options["conf"]), reason, not_collected(data, "grade34"), contexts)
    told = notes(data, population, options, graded=contexts is None)
    return Answer(frame, [*told, *([hidden] if hidden else [])])
