"""What changed between two cuts of a study: from analysis results to a layout and a sentence."""

from collections.abc import Iterator, Mapping, Sequence
from math import isnan

import pandas as pd

from core.ard import Result
from core.formats import counted, fixed, significant
from core.tables.layout import Column, Layout, Row, subtitle

HEADLINE, PAIR, DATASET = "HEADLINE", "PAIR", "DATASET"
"""What a row of the table is about; those about a variable carry the name of its dataset."""
ON_VIEW, EVALUABLE_PAIR = "on_view", "Evaluable pair"
CHANGES = ("added", "changed", "gone")
NOUNS = {"ADSL": "subject", "ADAE": "adverse event", "ADBE": "specimen", "ADEX": "dose"}
MEASURED = "measurement"
NOT_COMPARED = "-"

Stats = Mapping[str, float]
Told = tuple[str, str, Stats, str]
"""A row: what it is about, its statistics, and why one is missing."""


def cut_changes(result: Result, words: Mapping[tuple[str, str], str], dates: tuple[str, str]) -> Layout:
    """Return numbers, subjects and pairs, and records of both cuts, with what was added, changed and is gone.

    Parameters
    ----------
    result : Result
        Of the output cut_changes.
    words : mapping
        (variable, level) -> how the row reads.
    dates : tuple of str
        The data cuts, the earlier one first; empty where there is none.
    """
    cuts = (Column(dates[0] or "Not named", "Earlier"), Column(dates[1], "Later"))
    counts = (Column(name) for name in ("Difference", "Added", "Changed", "Gone"))
    columns = (*cuts, *counts, Column("Of which", align="left"))
    every = list(_each(result.ard))
    pairs = [one for one in every if one[0] == PAIR]
    of_markers = [one for one in pairs if one[1] not in (ON_VIEW, EVALUABLE_PAIR)]
    records = [one for one in every if one[0] not in (HEADLINE, PAIR)]
    sections = {
        "Headline numbers": [_headline(words, *one) for one in every if one[0] == HEADLINE],
        "Subjects and pairs": [_counts(words, dates[0], *one) for one in pairs if one not in of_markers],
        "Records, and variables changed": list(_records(words, dates[0], records)),
        "Pairs of each marker": [_counts(words, dates[0], *one) for one in of_markers if not _quiet(one)],
    }
    rows = [row for title, group in sections.items() if group for row in (Row(title, ("",) * len(columns)), *group)]
    quiet = sum(map(_quiet, of_markers))
    notes = (
        f"{counted(quiet, 'marker has', 'markers have')} the pairs of the earlier cut, all with the same values.",
    ) * bool(quiet)
    return Layout(result.title, subtitle(result), "", columns, tuple(rows), (*notes, *result.notes))


def sentence(result: Result, since: str) -> str:
    """Return what was added, changed and is gone, in a sentence."""
    every = list(_each(result.ard))
    stats = {(variable, level): stats for variable, level, stats, _ in every}
    of = {level: stats for (variable, level), stats in stats.items() if variable == DATASET}
    one_sided: dict[str, list[str]] = {}
    for variable, level, _, warning in every:
        if variable == DATASET and warning:
            one_sided.setdefault(warning, []).append(level)
    measured = [one for name, one in of.items() if name not in NOUNS]
    told = [
        _told(of.get("ADSL", {}), "subject"),
        _moved(stats.get((PAIR, ON_VIEW), {}), of.get("ADSL", {})),
        _told(stats.get((PAIR, EVALUABLE_PAIR), {}), "evaluable pair"),
        *(_told(of.get(name, {}), noun) for name, noun in NOUNS.items() if name != "ADSL"),
        _told({name: sum(one[name] for one in measured if not isnan(one[name])) for name in CHANGES}, MEASURED),
        *(f"{', '.join(names)} {why}" for why, names in one_sided.items()),
    ]
    said = "; ".join(filter(None, told))
    return f"Since {since}: {said}." if said else f"Since {since} no record of the subjects on view was added, changed or taken away."  # fmt: skip


def _moved(seen: Stats, subjects: Stats) -> str:
    """Return who came into view and who left it, where they are others than those added and gone."""
    if not seen or all(seen[name] == subjects[name] for name in ("added", "gone")):
        return ""
    return f"{fixed(seen['added'], 0)} came into view, {fixed(seen['gone'], 0)} left it"


def _told(stats: Stats, noun: str) -> str:
    """Return one kind of record in words; nothing where nothing happened.

    Examples
    --------
    >>> _told({"added": 41.0, "changed": 5.0, "gone": 1.0}, "event"), _told({"added": 0.0, "changed": 1.0, "gone": 0.0}, "pair")
    ('41 events added, 5 changed, 1 gone', '1 pair changed')
    """
    counts = [(int(stats[name]), name) for name in CHANGES if stats.get(name, 0) > 0]
    if not counts:
        return ""
    (first, how), *others = counts
    return ", ".join([f"{counted(first, noun)} {how}", *(f"{n:,} {name}" for n, name in others)])


def _each(ard: pd.DataFrame) -> Iterator[Told]:
    """Yield each row of the table: what it is about, its statistics, and why one is missing."""
    for (variable, level), group in ard.groupby(["variable", "variable_level"], sort=False):
        yield str(variable), str(level), dict(zip(group.stat_name, group.stat, strict=True)), max(group.warning)


def _quiet(one: Told) -> bool:
    """Return whether nothing became of it."""
    return not any(one[2][name] for name in CHANGES)


def _records(words: Mapping[tuple[str, str], str], since: str, records: Sequence[Told]) -> Iterator[Row]:
    """Yield each dataset, and under it its variables with changed values."""
    for one in records:
        if one[0] == DATASET:
            yield _counts(words, since, *one)
            yield from (_variable(words, since, *other) for other in records if other[0] == one[1])


def _headline(words: Mapping[tuple[str, str], str], variable: str, level: str, stats: Stats, warning: str) -> Row:
    count = level not in ("marker_change", "marker_low", "marker_high")
    texts = [
        (warning if name != "difference" else "") if isnan(stats[name]) else fixed(stats[name], 0) if count else significant(stats[name])
        for name in ("earlier", "later", "difference")
    ]  # fmt: skip
    return Row(words[variable, level], (*texts, "", "", "", ""), 1)


def _counts(
    words: Mapping[tuple[str, str], str], since: str, variable: str, level: str, stats: Stats, warning: str
) -> Row:
    label = words.get((variable, level), level)
    if warning:
        return Row(label, (*[NOT_COMPARED] * 6, warning), 1)
    numbers = [stats["earlier"], stats["later"], stats["later"] - stats["earlier"], *(stats[name] for name in CHANGES)]
    kinds = {
        "added_with_subject": "added with their subject",
        "gone_with_subject": "gone with their subject",
        "changed_since_only": f"changed only by days after {since}",
    }
    whole = [f"{fixed(stats[name], 0)} {how}" for name, how in kinds.items() if stats.get(name, 0) > 0]
    if level == "ADSL":
        whole = [text for text in whole if "subject" not in text]
    about = (variable, level, "") if any(stats[name] for name in CHANGES) else ("", "", "")
    return Row(label, (*(fixed(number, 0) for number in numbers), ", ".join(whole)), 1, about)


def _variable(
    words: Mapping[tuple[str, str], str], since: str, dataset: str, variable: str, stats: Stats, _: str
) -> Row:
    kinds = {"filled_in": "filled in", "blanked": "blanked", "revised": "revised"}
    told = [f"{fixed(stats[name], 0)} {how}" for name, how in kinds.items() if stats[name]]
    told += [f"{fixed(stats['since'], 0)} to a day after {since}"] if stats["since"] else []
    cells = ("", "", "", "", fixed(stats["changed"], 0), "", ", ".join(told))
    return Row(words.get((dataset, variable), variable), cells, 2, (dataset, variable, ""))
