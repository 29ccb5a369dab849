"""When events begin: subjects with a new event of each term in each cycle, or week, of those who entered it."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from core.ard import Result, grid
from core.data import Data
from core.formats import counted
from core.outputs import at_risk, incidence
from core.outputs.at_risk import AtRisk, Onsets
from core.outputs.catalogue import CONF, Answer, Figure, Option, Options, Output
from core.outputs.categories import CATEGORY, category_labels, graded_by, not_collected, notes
from core.outputs.incidence import shares
from core.outputs.listing import INTERNAL, listed
from core.study import Population
from core.tables.layout import Layout

if TYPE_CHECKING:
    import altair as alt

CYCLE = "cycle"
WEEKS = {"week": 1, "four_weeks": 4}
MOST_BLOCKS = 26
NOBODY = "no subject entered it"


def _blocks(data: Data) -> dict[str, str]:
    cycles = {CYCLE: "Cycle"} if "ASTDT" in data.schema.get("ADEX", {}) else {}
    return cycles | {"week": "Week", "four_weeks": "Four weeks"}


BLOCK = Option(
    "block", "In each", "four_weeks", choices=_blocks,
    of_study=lambda data: CYCLE if CYCLE in _blocks(data) else "four_weeks",
    help="A cycle begins with each day of dosing; weeks count from the first dose.",
)  # fmt: skip
TERMS = Option(
    "terms", "Terms shown", 20.0, "number", minimum=1, maximum=60, whole=True, control="cycle_terms",
    help="The most frequent preferred terms.",
)  # fmt: skip


@dataclass(frozen=True)
class Blocks:
    """The blocks of time: how each is called, who of those at risk entered it, and which events began in which.

    Attributes
    ----------
    names : tuple of str
    N : ndarray of float, shape (blocks,)
    block : ndarray of int, shape (events,)
        -1 for an event in none.
    left_out : int
        How many further blocks there are.
    """

    names: tuple[str, ...]
    N: NDArray[np.float64]
    block: NDArray[np.int64]
    left_out: int


def compute(data: Data, population: Population, options: Options) -> Answer:
    """Count subjects with an event of each term that began in each block."""
    here = at_risk.windows(data, population)[0]
    events = at_risk.event_days(data, population, str(options["category"]))
    found = at_risk.onsets(data, events, here)
    blocks = _placed(data, population, here, found, str(options["block"]))
    reason = not_collected(data, str(options["category"]))
    rows, kept, left_out = _rows(data, found, int(options["terms"]))
    n = np.where(bool(reason), np.nan, _counts(data, found, blocks)[kept])
    flat = shares(n[:, :, None], blocks.N, n[:, :, None], float(options["conf"]))
    stats = {name: values.reshape(len(rows), 1, -1) for name, values in flat.items() if name != "events"}
    ard = grid(rows, "", ["Total"], blocks.names, stats, reason or NOBODY)
    told = [] if reason else [
        *_notes(blocks, str(options["block"]), left_out), *at_risk.told(data, population, here, events, found)
    ]  # fmt: skip
    return Answer(ard, [*notes(data, population, options), *told])


def _placed(data: Data, population: Population, here: AtRisk, found: Onsets, block: str) -> Blocks:
    """Return the blocks, and in which each event began."""
    if block != CYCLE:
        width = 7 * WEEKS[block]
        last = max(1, -(-int(here.days.max(initial=1)) // width))
        names = [_week(at, WEEKS[block]) for at in range(last)]
        N = np.array([(here.days > at * width).sum() for at in range(last)], dtype=float)
        return _cut(names, N, (found.day - 1) // width)
    place = np.full(data.subjects + 1, -1, dtype=np.int64)
    place[here.subject] = np.arange(len(here.subject))
    doses = data.ask("doses", population)
    doses = doses[place[doses.subject_code] >= 0]
    of_subject, cycle = place[doses.subject_code], doses.cycle.to_numpy(dtype=np.int64)
    day = (doses.first_day.to_numpy(dtype="datetime64[D]") - here.begins[of_subject]).astype(np.int64) + 1
    last = int(cycle.max(initial=1))
    inside = (day >= 1) & (day <= here.days[of_subject])
    N = np.bincount(cycle[inside] - 1, minlength=last).astype(float)
    # Doses stand in the order of subject and day: the one before an event is its neighbour in one sorted list.
    span = 1 + max(int(day.max(initial=0)), int(here.days.max(initial=0)))
    before = np.searchsorted(of_subject * span + np.maximum(day, 0), found.place * span + found.day, side="right") - 1
    # A dose before the first day at risk begins no cycle in which its subject counts: neither above nor below the line.
    mine = (
        (before >= 0) & (of_subject[before] == found.place) & inside[before]
        if len(doses)
        else np.zeros(len(found.day), dtype=bool)
    )
    began = np.where(mine, cycle[before] - 1 if len(doses) else -1, -1)
    return _cut([f"Cycle {number}" for number in range(1, last + 1)], N, began)


def _week(at: int, width: int) -> str:
    return f"Week {at + 1}" if width == 1 else f"Weeks {at * width + 1}-{(at + 1) * width}"


def _cut(names: list[str], N: NDArray[np.float64], block: NDArray[np.int64]) -> Blocks:
    """Keep the first blocks only, where there are too many to read."""
    kept = np.where(block < MOST_BLOCKS, block, -1)
    return Blocks(tuple(names[:MOST_BLOCKS]), N[:MOST_BLOCKS], kept, max(0, len(names) - MOST_BLOCKS))


def _counts(data: Data, found: Onsets, blocks: Blocks) -> NDArray[np.float64]:
    """Subjects with an event that began in each block: any event, then each term."""
    size, inside = len(blocks.names), blocks.block >= 0
    place, term, block = found.place[inside], found.term[inside], blocks.block[inside]
    counted_ = []
    for group, groups in ((np.zeros_like(term), 1), (term - 1, len(data.terms))):
        cells = np.unique((place * groups + group) * size + block)
        counted_.append(np.bincount(cells % (groups * size), minlength=groups * size).reshape(groups, size))
    return np.concatenate(counted_).astype(float)


def _rows(data: Data, found: Onsets, most: int) -> tuple[pd.DataFrame, NDArray[np.intp], int]:
    """Any event and the most frequent terms, by subjects at risk who had them; where they stand, and how many are left out."""
    every = incidence.every_row(data.terms)
    every = every[every.variable != "SOC"].reset_index(drop=True)
    pairs = np.unique(found.place * (len(data.terms) + 1) + found.term) % (len(data.terms) + 1)
    n = np.bincount(pairs, minlength=len(data.terms) + 1)[1:]
    there = np.flatnonzero(n)
    first = sorted(there, key=lambda term: (-n[term], every.variable_level[term + 1]))[:most]
    kept = np.array([0, *(term + 1 for term in first)], dtype=np.intp)
    return every.iloc[kept].reset_index(drop=True), kept, len(there) - len(first)


def _notes(blocks: Blocks, block: str, left_out: int) -> list[str]:
    told = [
        "N: subjects who began the cycle while at risk. An event counts in the cycle of the last dose on or before its onset."
        if block == CYCLE
        else "N: subjects at risk on the first day of the weeks. An event counts in the weeks of its onset."
    ]
    told.append("A subject counts once in each, whatever the number of events; one with events in two counts in both.")
    if left_out:
        told.append(f"{counted(left_out, 'less frequent term')} not shown; they count in any event.")
    if blocks.left_out:
        told.append(f"{counted(blocks.left_out, 'later block')} of time not shown.")
    nowhere = int((blocks.block < 0).sum())
    if nowhere:
        told.append(f"{counted(nowhere, 'event')} in none of those shown.")
    return told


def show(result: Result, data: Data) -> Layout:
    """Draw one row a term, one column a block."""
    from core.tables.over_time import cycle_table

    return cycle_table(result, category_labels(data)[str(result.options["category"])])


def behind(data: Data, population: Population, options: Options, about: tuple[str, str, str]) -> pd.DataFrame:
    """Return the events behind a row (variable, term, class) or a cell (block|variable, term, class)."""
    options = OUTPUT.read(options, data)
    first, pt, soc = about
    name, _, variable = first.rpartition("|")
    category = str(options["category"])
    here = at_risk.windows(data, population)[0]
    found = at_risk.onsets(data, at_risk.event_days(data, population, category), here)
    blocks = _placed(data, population, here, found, str(options["block"]))
    inside = blocks.block == blocks.names.index(name) if name else blocks.block >= 0
    events = listed(data, population, category, *((soc, pt) if variable == "PT" else ()))
    return events[events.row.isin(found.row[inside])].drop(columns=[*INTERNAL]).reset_index(drop=True)


def _heat_map(result: Result, data: Data) -> "alt.LayerChart":
    from core.charts.over_time import cycles

    category = str(result.options["category"])
    return cycles(result, category_labels(data)[category], graded_by(data, category))


OUTPUT = Output(
    "ae_by_cycle",
    "Onset of adverse events over time",
    (CATEGORY, BLOCK, TERMS, CONF),
    compute,
    show,
    needs="ADAE",
    figures={"heat_map": Figure("Heat map", _heat_map, "about")},
    behind=behind,
)
