"""Two cuts of one study, set against each other for the subjects on view in either."""

from collections.abc import Sequence
from dataclasses import dataclass

import pandas as pd

from core.data import Data
from core.errors import ConditionError, RequestError
from core.ingest.contract import DATASETS
from core.outputs import cut_numbers
from core.outputs.cut_records import ADDED, CHANGED, COLUMNS, GONE, Compared, compare
from core.study import Population
from core.tables.cut_changes import EVALUABLE_PAIR

VIEW, PAIRS = "on view", "pairs"
"""What stands for a dataset in records of who is on view, and of pairs."""


@dataclass(frozen=True)
class Cuts:
    """Both cuts, who is on view in each, and what became of every dataset and pair.

    `datasets` are those of either cut, `compared` those of both; `paired` has, of the evaluable pairs and those of each
    marker, what it is, how many there are in each cut, and who has another one.
    """

    earlier: Data
    later: Data
    seen: tuple[set[str], set[str]]
    datasets: tuple[str, ...]
    compared: tuple[Compared, ...]
    paired: tuple[tuple[str, int, int, pd.DataFrame], ...]

    @property
    def both(self) -> tuple[Data, Data]:
        """The cuts, the earlier one first."""
        return self.earlier, self.later

    @property
    def dates(self) -> tuple[str, str]:
        """Their days."""
        return self.earlier.study.data_cut.isoformat(), self.later.study.data_cut.isoformat()

    @property
    def records(self) -> pd.DataFrame:
        """Every change as one row, of records, of who is on view, and of pairs: what was corrected before what is new."""
        frames = [*(one.changes[list(COLUMNS)] for one in self.compared), _of_pairs(self.paired), _of_view(self.seen)]
        order = {change: place for place, change in enumerate((CHANGED, GONE, ADDED))}
        return pd.concat(frames).sort_values(
            "change", key=lambda each: each.map(order), kind="stable", ignore_index=True
        )


def read(data: Data, population: Population, by: str) -> Cuts | None:
    """Set the data against their earlier cut, of the subjects on view in either; None where there is no earlier cut.

    Parameters
    ----------
    by : str
        What tells adverse events apart, as in `compare`.

    Raises
    ------
    RequestError
        The earlier cut cannot be used, or lacks what the population is decided by.
    """
    earlier = data.earlier
    if earlier is None:
        return None
    cuts = earlier, data
    try:
        before, after = (set(each.ask("subjects", population).USUBJID) for each in cuts)
    except ConditionError as error:
        cut = earlier.study.data_cut
        raise RequestError(f"The earlier cut of {cut} cannot be asked for these subjects: {error}") from None
    names = tuple(name for name in DATASETS if name in data.schema or name in earlier.schema)
    there = [name for name in names if name in data.schema and name in earlier.schema]
    compared = tuple(compare(name, cuts, before | after, by) for name in there)
    paired = tuple(cut_numbers.pairs(cuts, population, EVALUABLE_PAIR))
    return Cuts(earlier, data, (before, after), names, compared, paired)


def _of_pairs(paired: Sequence[tuple[str, int, int, pd.DataFrame]]) -> pd.DataFrame:
    empty = {"dataset": PAIRS, "record": "", "variable": "", "kind": ""}
    frames = [frame.assign(key=name, **empty) for name, *_, frame in paired if len(frame)]
    return pd.concat(frames)[list(COLUMNS)] if frames else pd.DataFrame(columns=list(COLUMNS), dtype=str)


def _of_view(seen: Sequence[set[str]]) -> pd.DataFrame:
    """Return who came into view, and who left it."""
    before, after = seen
    moved = [(change, name) for change, names in ((ADDED, after - before), (GONE, before - after)) for name in sorted(names)]  # fmt: skip
    frame = pd.DataFrame(moved, columns=["change", "USUBJID"], dtype=str)
    return frame.assign(dataset=VIEW).reindex(columns=list(COLUMNS), fill_value="")
