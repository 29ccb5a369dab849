"""The records of two cuts of one study: which belong together, and in what they differ.

Records are matched by their key, never by their place in a file. Those that share a key are matched first where they are
equal in every variable, then in the order of their sequence numbers and of what they hold. A record whose key has no
partner is tried once more with its sequence number in place of the dates of its key, and matched only if nothing else could
be meant. Sequence numbers come last, and are not compared: they are given anew whenever a dataset is made.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from core.data import Data
from core.ingest.contract import DATASETS
from core.outputs.cut_values import as_text, differ, plain

Places = NDArray[np.intp]
ADDED, CHANGED, GONE = "added", "changed", "gone"
COLUMNS = ("change", "dataset", "USUBJID", "key", "record", "variable", "earlier", "later", "kind")
FILLED, BLANKED, REVISED = "filled in", "blanked", "revised"
NUMBER, TERM = "AESEQ", "term"
NOT_COMPARED = ("USUBJID", "source_row", "subject_code")
BETWEEN = "\x1f"


@dataclass(frozen=True)
class Compared:
    """One dataset of two cuts: how many records each has, what became of them, and the key they were matched by.

    `changes` has a row for every record added or gone and for every value changed, those of one record with the same
    `pair`; `only` names the variables of one cut alone, which are not compared. `renumbered` counts the adverse events
    that have another AESEQ and the same term and start.
    """

    dataset: str
    earlier: int
    later: int
    added: int
    changed: int
    gone: int
    changes: pd.DataFrame
    key: tuple[str, ...]
    only: tuple[str, ...]
    renumbered: int


def compare(name: str, cuts: tuple[Data, Data], subjects: set[str], by: str) -> Compared:
    """Compare a dataset of both cuts, as far as it is about some subjects.

    Parameters
    ----------
    cuts : tuple of Data
        The earlier and the later cut; both have the dataset.
    subjects : set of str
        USUBJID of whom the records are compared.
    by : str
        `NUMBER` or `TERM`: what tells adverse events apart.
    """
    earlier, later = (_records(data, name, subjects) for data in cuts)
    shared = [variable for variable in later if variable in earlier and variable not in NOT_COMPARED]
    only = tuple(sorted((set(earlier) ^ set(later)) - set(NOT_COMPARED)))
    keys = _keys(name, cuts[1], {*shared, "USUBJID"}, by)
    compared = [variable for variable in shared if not _is_number(variable) or variable in keys[0]]
    pairs = _pairs(earlier, later, keys, compared)
    words = [variable for variable in keys[0] if variable != "USUBJID"], _told(name, cuts[1])
    gone = _whole(earlier.drop(index=pairs[0]), GONE, *words)
    added = _whole(later.drop(index=pairs[1]), ADDED, *words)
    changed = _changed(earlier.iloc[pairs[0]], later.iloc[pairs[1]], compared, *words)
    frames = [frame for frame in (added, changed, gone) if len(frame)]
    found = pd.concat(frames, ignore_index=True) if frames else pd.DataFrame(columns=list(COLUMNS), dtype=str)
    return Compared(
        name, len(earlier), len(later), len(added), changed.pair.nunique(), len(gone),
        found.assign(dataset=name).reindex(columns=[*COLUMNS, "pair"]), tuple(keys[0]), only,
        _renumbered(earlier, later, cuts[1]) if NUMBER in keys[0] else 0,
    )  # fmt: skip


def _records(data: Data, name: str, subjects: set[str]) -> pd.DataFrame:
    found = data.ask("records", data.everybody, dataset=name)
    return found[found.USUBJID.isin(subjects)].reset_index(drop=True)


def _keys(name: str, later: Data, shared: set[str], by: str) -> list[list[str]]:
    """Return the keys to match by, one after the other: with sequence numbers first only if they identify a record."""
    declared = DATASETS[name].key
    if name == "ADAE" and (by == TERM or NUMBER not in shared):
        declared = ("USUBJID", later.study.adverse_events.term, "ASTDT")
    key = [variable for variable in declared if variable in shared]
    kinds = {variable: DATASETS[name].by_name[variable].kind for variable in key if variable in DATASETS[name].by_name}
    unnumbered = [variable for variable in key if not _is_number(variable) or variable in DATASETS[name].identifiers]
    undated = [variable for variable in key if kinds.get(variable) != "date"]
    return [unnumbered, undated] if len(undated) > 1 and undated != unnumbered else [unnumbered]


def _renumbered(earlier: pd.DataFrame, later: pd.DataFrame, data: Data) -> int:
    """Return how many adverse events have another AESEQ and are the only ones of their term and start in either cut."""
    shared = {*earlier} & {*later}
    key = [variable for variable in ("USUBJID", data.study.adverse_events.term, "ASTDT") if variable in shared]
    first, second = _once(*_coded(earlier, later, key))
    return int(np.count_nonzero(earlier[NUMBER].to_numpy()[first] != later[NUMBER].to_numpy()[second]))


def _is_number(variable: str) -> bool:
    """Return whether a variable numbers the records of a subject, as AESEQ and LBSEQ do."""
    return variable.endswith("SEQ")


def _pairs(
    earlier: pd.DataFrame, later: pd.DataFrame, keys: Sequence[list[str]], compared: Sequence[str]
) -> tuple[Places, Places]:
    """Return the places of the records that belong together."""
    numbers = [variable for variable in keys[-1] if _is_number(variable) and variable not in keys[0]]
    first, second = _by_key(earlier, later, keys[0], numbers, compared)
    for key in keys[1:]:
        parts = earlier.drop(index=first), later.drop(index=second)
        mine, other = _once(*_coded(*parts, key))
        first, second = np.append(first, parts[0].index[mine]), np.append(second, parts[1].index[other])
    return first, second


def _coded(earlier: pd.DataFrame, later: pd.DataFrame, key: list[str]) -> tuple[Places, Places]:
    """Return each record's key as a number; a missing part of a key is equal to another missing one."""
    both = pd.concat([earlier[key], later[key]], ignore_index=True)
    code = both.groupby(key, dropna=False, sort=False).ngroup().to_numpy()
    return code[: len(earlier)], code[len(earlier) :]


def _once(mine: Places, other: Places) -> tuple[Places, Places]:
    """Return the places of the records whose key stands once in each cut."""
    size = int(max(mine.max(initial=-1), other.max(initial=-1))) + 1
    once = (np.bincount(mine, minlength=size) == 1) & (np.bincount(other, minlength=size) == 1)
    place = np.full(size, -1)
    place[other] = np.arange(len(other))
    found = np.flatnonzero(once[mine])
    return found, place[mine[found]]


def _by_key(
    earlier: pd.DataFrame, later: pd.DataFrame, key: list[str], numbers: list[str], compared: Sequence[str]
) -> tuple[Places, Places]:
    """Match by key; of several records of one key those that are equal first, the others in the order of `numbers` and values."""
    codes = _coded(earlier, later, key)
    first, second = _once(*codes)
    in_both = np.intersect1d(*codes)
    frames = []
    for frame, code, used in ((earlier, codes[0], first), (later, codes[1], second)):
        place = np.setdiff1d(np.flatnonzero(np.isin(code, in_both)), used)
        told = {"code": code[place], "place": place, "content": _content(frame.iloc[place], compared)}
        frames.append(frame.iloc[place][numbers].assign(**told))
    for on in (["code", "content"], ["code"]) if all(map(len, frames)) else ():
        numbered = [
            frame.sort_values(["code", *numbers, "content"]).assign(
                number=lambda one, on=on: one.groupby(on).cumcount()
            )
            for frame in frames
        ]
        joined = numbered[0].merge(numbered[1], on=[*on, "number"], suffixes=("", "_later"))
        places = joined.place.to_numpy(dtype=np.intp), joined.place_later.to_numpy(dtype=np.intp)
        first, second = np.append(first, places[0]), np.append(second, places[1])
        frames = [frame[~frame.place.isin(used)] for frame, used in zip(frames, places, strict=True)]
    return first, second


def _content(frame: pd.DataFrame, variables: Sequence[str]) -> list[str]:
    columns = [plain(as_text(frame[variable])) for variable in variables]
    return [BETWEEN.join(values) for values in zip(*columns, strict=True)] if columns else [""] * len(frame)


def _changed(
    earlier: pd.DataFrame, later: pd.DataFrame, compared: Sequence[str], identity: Sequence[str], told: Sequence[str]
) -> pd.DataFrame:
    """Return one row for every value that is another one in the later cut; `pair` numbers the records."""
    earlier, later = earlier.reset_index(drop=True), later.reset_index(drop=True)
    frames = []
    for variable in compared:
        at = np.flatnonzero(differ(earlier[variable], later[variable]))
        if len(at):
            before, after = as_text(earlier[variable].iloc[at]), as_text(later[variable].iloc[at])
            kind = np.select([before == "", after == ""], [FILLED, BLANKED], REVISED)
            named = _named(later.iloc[at], identity, told)
            frames.append(named.assign(variable=variable, earlier=before, later=after, kind=kind, pair=at))
    if not frames:
        return pd.DataFrame(columns=[*COLUMNS, "pair"], dtype=str)
    return pd.concat(frames).assign(change=CHANGED).sort_values(["USUBJID", "key", "pair"], kind="stable", ignore_index=True)  # fmt: skip


def _whole(frame: pd.DataFrame, change: str, identity: Sequence[str], told: Sequence[str]) -> pd.DataFrame:
    """Return one row for every record that stands in one cut only."""
    named = _named(frame, identity, told).assign(change=change, variable="", earlier="", later="", kind="")
    return named.sort_values(["USUBJID", "key", "record"], ignore_index=True)


def _named(frame: pd.DataFrame, identity: Sequence[str], told: Sequence[str]) -> pd.DataFrame:
    """Return whose records they are, their keys, and what stands in them, as texts."""
    keys = [as_text(frame[name]).map(lambda text, name=name: f"{name} {text}" if text else "") for name in identity]
    said = [as_text(frame[variable]) for variable in told if variable in frame]
    return pd.DataFrame(
        {"USUBJID": frame.USUBJID, "key": list(_joined(keys, len(frame))), "record": list(_joined(said, len(frame)))},
        index=frame.index,
    )


def _joined(columns: Sequence[pd.Series], n: int) -> Iterator[str]:
    if not columns:
        yield from [""] * n
    for values in zip(*columns, strict=True):
        yield ", ".join(filter(None, values))


def _told(name: str, later: Data) -> tuple[str, ...]:
    """Return the variables that say what a record is, beside its key."""
    coding = later.study.adverse_events
    own = {
        "ADSL": ("ENRLDT", "TRTSDT"),
        "ADAE": (coding.term, coding.grade, "ASTDT"),
        "ADEX": ("EXDOSE", "EXDOSU", "AVISIT"),
        "ADBE": ("AVISIT", "BEMETHOD", "EVALFL"),
    }
    return own.get(name, ("PARAMCD", "AVISIT", "AVALC" if "AVALC" in later.schema[name] else "AVAL"))
