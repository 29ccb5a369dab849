"""Adverse events over time: ongoing ones by day, new ones by cycle, and each patient's course; from results to layouts."""

from core.ard import Result
from core.charts.caption import confidence
from core.formats import NOT_COLLECTED, NOT_ESTIMABLE, count_percent, fixed, interval, sentence_case, within_sentence
from core.study import Study
from core.tables.layout import Column, Layout, Row, header, subtitle

Cells = dict[tuple[str, ...], dict[str, float]]
"""The key of a cell -> its statistics."""


def prevalence_table(result: Result, study: Study, event: str) -> Layout:
    """Return one row a day: who was under observation, and who of them had an ongoing event, by its worst grade.

    Examples
    --------
    >>> from core.ard import join
    >>> study = Study(id="s", title="S", data_cut="2024-12-31")
    >>> options = {"conf": 0.95}
    >>> result = Result("x", "Ongoing", "s", "S", True, "2024-12-31", "", "Safety", "", 0, options, join([]))
    >>> prevalence_table(result, study, "Nausea (all)").title
    'Ongoing: Nausea (all)'
    """
    ard, coding = result.ard, study.adverse_events
    levels, days = (list(dict.fromkeys(ard[name])) for name in ("group1_level", "variable_level"))
    grades = {level: coding.grade_label(level) for level in coding.levels} | {"missing": "Missing grade"}
    cells, reasons = _cells(result, ("variable_level", "group1_level", "context"))
    heads = ["Under observation", "n (%)", confidence(result), *grades.values()]
    N = {level: max((cells[day, level, "any"]["N"] for day in days), default=0) for level in levels}
    columns = [Column(head, header(level, N[level])) for level in levels for head in heads]
    rows = []
    for day in days:
        texts: list[str] = []
        for level in levels:
            one = cells[day, level, "any"]
            texts += [
                fixed(one["N"], 0),
                _share(one, reasons[day, level, "any"]),
                interval(one["conf_low"], one["conf_high"]),
            ]
            texts += [_count(cells[day, level, grade]["n"]) for grade in grades]
        rows.append(Row(f"Day {day}", tuple(texts), 0, ("DAY", day, "")))
    notes = (
        "n: subjects with an ongoing event, %: of those under observation on that day; then the subjects by the worst grade "
        f"ongoing. {confidence(result)}: exact (Clopper-Pearson), in percent. N in a header: the most under observation on a day.",
        *result.notes,
    )  # fmt: skip
    return Layout(f"{result.title}: {event}", subtitle(result), "Day", tuple(columns), tuple(rows), notes)


def cycle_table(result: Result, category: str) -> Layout:
    """Return one row a term and one column a cycle, or weeks, with its own N.

    Examples
    --------
    >>> from core.ard import join
    >>> result = Result("x", "Onset", "s", "S", True, "2024-12-31", "", "Safety", "", 0, {}, join([]))
    >>> cycle_table(result, "Serious").title
    'Onset: serious'
    """
    ard = result.ard
    blocks = list(dict.fromkeys(ard.context))
    cells, reasons = _cells(result, ("variable", "variable_level", "group2_level", "context"))
    abouts = list(dict.fromkeys(zip(ard.variable, ard.variable_level, ard.group2_level, strict=True)))
    columns = tuple(Column("n (%)", header(block, cells[(*abouts[0], block)]["N"])) for block in blocks)
    rows = []
    for variable, level, soc in abouts:
        keys = [(variable, level, soc, block) for block in blocks]
        texts = tuple(_share(cells[key], reasons[key]) for key in keys)
        rows.append(Row(sentence_case(level), texts, int(variable == "PT"), (variable, level, soc)))
    title = f"{result.title}: {within_sentence(category)}"
    notes = ("n: subjects with an event that began then; %: of N, the subjects who entered it.", *result.notes)
    return Layout(title, subtitle(result), "Preferred term", columns, tuple(rows), notes)


def _cells(result: Result, key: tuple[str, ...]) -> tuple[Cells, dict[tuple[str, ...], str]]:
    """Return the statistics of each cell, and why its count is missing."""
    cells: Cells = {}
    reasons: dict[tuple[str, ...], str] = {}
    ard = result.ard
    for at, name, stat, why in zip(
        zip(*(ard[each] for each in key), strict=True), ard.stat_name, ard.stat, ard.warning, strict=True
    ):
        cells.setdefault(at, {})[name] = stat
        if name == "n":
            reasons[at] = why
    return cells, reasons


def _share(stats: dict[str, float], reason: str) -> str:
    return NOT_COLLECTED if reason.startswith(NOT_COLLECTED) else count_percent(stats["n"], stats["percent"])


def _count(n: float) -> str:
    text = fixed(n, 0)
    return "" if text == NOT_ESTIMABLE else text
