"""The records of two cuts of one study: which belong together, and in what they differ.

Records are matched by their key, never by their place in a file. Those that share a key are matched first where they are
equal in every variable, then in the order of what they hold. A record whose key has no partner is tried once more without
the dates of its key, then without its sequence numbers, and matched only if nothing else could be meant.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from core.data import Data
from core.ingest.contract import DATASETS

Places = NDArray[np.intp]
ADDED, CHANGED, GONE = "added", "changed", "gone"
COLUMNS = ("change", "dataset", "USUBJID", "key", "record", "variable", "earlier", "later", "kind")
FILLED, BLANKED, REVISED = "filled in", "blanked", "revised"
NUMBER, TERM = "AESEQ", "term"
NOT_COMPARED = ("USUBJID", "source_row", "subject_code")
PLAIN = re.compile(r"[-+]?(0|[1-9][0-9]*)(\.[0-9]+)?")
BETWEEN = "\x1f"


@dataclass(frozen=True)
class Compared:
    """One dataset of two cuts: how many records each has, what became of them, and the key they were matched by.

    `changes` has a row for every record added or gone and for every value changed, those of one record with the same
    `pair`; `only` names the variables of one cut alone, which are not compared.
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
    compared = [variable for variable in shared if variable != NUMBER or NUMBER in keys[0]]
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
    )  # fmt: skip


def _records(data: Data, name: str, subjects: set[str]) -> pd.DataFrame:
    found = data.ask("records", data.everybody, dataset=name)
    return found[found.USUBJID.isin(subjects)].reset_index(drop=True)


def _keys(name: str, later: Data, shared: set[str], by: str) -> list[list[str]]:
    """Return the keys to match by, one after the other."""
    declared = DATASETS[name].key
    if name == "ADAE" and (by == TERM or NUMBER not in shared):
        declared = ("USUBJID", later.study.adverse_events.term, "ASTDT")
    key = [variable for variable in declared if variable in shared]
    kinds = {variable: DATASETS[name].by_name[variable].kind for variable in key if variable in DATASETS[name].by_name}
    undated = [variable for variable in key if kinds.get(variable) != "date"]
    unnumbered = [variable for variable in key if not variable.endswith("SEQ")]
    return [key, *(other for other in (undated, unnumbered) if 1 < len(other) < len(key))]


def _pairs(
    earlier: pd.DataFrame, later: pd.DataFrame, keys: Sequence[list[str]], compared: Sequence[str]
) -> tuple[Places, Places]:
    """Return the places of the records that belong together."""
    first, second = _by_key(earlier, later, keys[0], compared)
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
    earlier: pd.DataFrame, later: pd.DataFrame, key: list[str], compared: Sequence[str]
) -> tuple[Places, Places]:
    """Match by key; of several records of one key those that are equal first, the others in the order of what they hold."""
    codes = _coded(earlier, later, key)
    first, second = _once(*codes)
    in_both = np.intersect1d(*codes)
    frames = []
    for frame, code, used in ((earlier, codes[0], first), (later, codes[1], second)):
        place = np.setdiff1d(np.flatnonzero(np.isin(code, in_both)), used)
        frames.append(pd.DataFrame({"code": code[place], "place": place, "content": _content(frame.iloc[place], compared)}))  # fmt: skip
    for on in (["code", "content"], ["code"]) if all(map(len, frames)) else ():
        numbered = [
            frame.sort_values(["code", "content"]).assign(number=lambda one, on=on: one.groupby(on).cumcount())
            for frame in frames
        ]
        joined = numbered[0].merge(numbered[1], on=[*on, "number"], suffixes=("", "_later"))
        places = joined.place.to_numpy(dtype=np.intp), joined.place_later.to_numpy(dtype=np.intp)
        first, second = np.append(first, places[0]), np.append(second, places[1])
        frames = [frame[~frame.place.isin(used)] for frame, used in zip(frames, places, strict=True)]
    return first, second


def _content(frame: pd.DataFrame, variables: Sequence[str]) -> list[str]:
    columns = [_plain(as_text(frame[variable])) for variable in variables]
    return [BETWEEN.join(values) for values in zip(*columns, strict=True)] if columns else [""] * len(frame)


def as_text(values: pd.Series) -> pd.Series:
    """Return values as a reader would write them; a missing one is empty.

    Examples
    --------
    >>> as_text(pd.Series([1.0, 0.1, None])).tolist(), as_text(pd.Series(["01", None])).tolist()
    (['1', '0.1', ''], ['01', ''])
    """
    if pd.api.types.is_datetime64_any_dtype(values):
        texts = values.dt.strftime("%Y-%m-%d")
    elif pd.api.types.is_numeric_dtype(values):
        texts = values.map(lambda value: repr(float(value)).removesuffix(".0"), na_action="ignore")
    else:
        texts = values
    return texts.astype(object).where(values.notna(), "").astype(str)


def _plain(texts: pd.Series) -> pd.Series:
    """Write numbers among texts in one way, so that a column is not another because one of its values is a word."""
    return texts.map(lambda text: repr(float(text)).removesuffix(".0") if PLAIN.fullmatch(text) else text)


def _differ(earlier: pd.Series, later: pd.Series) -> NDArray[np.bool_]:
    if earlier.dtype == later.dtype:
        return ((earlier != later) & ~(earlier.isna() & later.isna())).to_numpy(dtype=bool)
    return (_plain(as_text(earlier)) != _plain(as_text(later))).to_numpy(dtype=bool)


def _changed(
    earlier: pd.DataFrame, later: pd.DataFrame, compared: Sequence[str], identity: Sequence[str], told: Sequence[str]
) -> pd.DataFrame:
    """Return one row for every value that is another one in the later cut; `pair` numbers the records."""
    earlier, later = earlier.reset_index(drop=True), later.reset_index(drop=True)
    frames = []
    for variable in compared:
        at = np.flatnonzero(_differ(earlier[variable], later[variable]))
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
