"""The adverse-event tables, from analysis results to layouts."""

import pandas as pd

from core.ard import Result
from core.formats import NOT_COLLECTED, confidence_level, count_percent, fixed, interval, sentence_case, within_sentence
from core.study import Study
from core.tables.layout import Column, Layout, Row, header, subtitle

INDENT = {"ANY": 0, "SOC": 0, "PT": 1}
Cells = dict[tuple[str, ...], tuple[str, ...]]
"""(variable, level, SOC, column, context) -> the texts of the cell's parts."""


def by_term(result: Result, category: str) -> Layout:
    """Return n (%), optionally its interval, and events, for each column."""
    return _by_row(result, category, {"": ""}, (*_shares(result), "Events"))


def by_grade(result: Result, category: str, study: Study) -> Layout:
    """Return n (%) by worst grade, optionally with intervals, for each column."""
    coding = study.adverse_events
    contexts = {"any": "Any", **{level: coding.grade_label(level) for level in coding.levels}, "missing": "Missing"}
    contexts |= {group: f"Grade {group.replace('-', '–')}" for group in coding.grade_groups}
    return _by_row(result, category, contexts, _shares(result))


def overview(result: Result, categories: dict[str, str], study: Study) -> Layout:
    """Return n (%) and events: one row a category, deaths, then one row a worst grade of any event."""
    parts = (*_shares(result), "Events")
    levels = _levels(result)
    columns = _columns(result, {"": ""}, parts)
    coding = study.adverse_events
    heads = {
        "CATEGORY": "Subjects with at least one adverse event",
        "DEATH": "Deaths",
        "GRADE": f"Worst {'grade' if coding.graded else 'severity'} of any event",
    }
    rows = []
    for variable, group in result.ard.groupby("variable", sort=False):
        rows.append(Row(heads[str(variable)], ("",) * len(columns)))
        cells = _cells(group, parts[:-1] if variable == "DEATH" else parts)
        for level in dict.fromkeys(group.variable_level):
            about = (str(variable), str(level), "")
            texts = [cells[(*about, column, "")] + ("",) * (variable == "DEATH") for column in levels]
            rows.append(Row(_overview_label(about, categories, study), sum(texts, ()), 1, about))
    return Layout(result.title, subtitle(result), "Category", columns, tuple(rows), _foot(result))


def _overview_label(about: tuple[str, str, str], categories: dict[str, str], study: Study) -> str:
    variable, level, _ = about
    if variable == "CATEGORY":
        return categories[level]
    if variable == "DEATH":
        return "Died, of any cause"
    return "Missing" if level == "missing" else study.adverse_events.grade_label(level)


def _by_row(result: Result, category: str, contexts: dict[str, str], parts: tuple[str, ...]) -> Layout:
    cells, levels = _cells(result.ard, parts), _levels(result)
    rows = []
    for about in (
        result.ard[["variable", "variable_level", "group2_level"]].drop_duplicates().itertuples(index=False, name=None)
    ):
        texts = [cells[(*about, level, context)] for level in levels for context in contexts]
        rows.append(Row(sentence_case(about[1]), sum(texts, ()), INDENT[about[0]], about))
    title = f"{result.title}: {within_sentence(category)}"
    stub = "System organ class / preferred term"
    return Layout(title, subtitle(result), stub, _columns(result, contexts, parts), tuple(rows), _foot(result))


def _shares(result: Result) -> tuple[str, ...]:
    return ("n (%)", "CI") if result.options["interval"] else ("n (%)",)


def _levels(result: Result) -> list[str]:
    return list(dict.fromkeys(result.ard.group1_level))


def _columns(result: Result, contexts: dict[str, str], parts: tuple[str, ...]) -> tuple[Column, ...]:
    frame = result.ard
    N = frame[frame.stat_name == "N"].drop_duplicates("group1_level").set_index("group1_level").stat
    return tuple(
        Column(" ".join(filter(None, (name, part if part != "n (%)" or not name else ""))), header(level, N[level]))
        for level in _levels(result)
        for name in contexts.values()
        for part in parts
    )


def _cells(frame: pd.DataFrame, parts: tuple[str, ...]) -> Cells:
    if frame.empty:
        return {}
    names = list(dict.fromkeys(frame.stat_name))
    at = dict(zip(names, frame.stat.to_numpy().reshape(-1, len(names)).T, strict=True))
    reasons = frame.warning.iloc[names.index("n") :: len(names)]
    made = {
        "n (%)": (
            NOT_COLLECTED if reason.startswith(NOT_COLLECTED) else count_percent(n, percent)
            for n, percent, reason in zip(at["n"], at["percent"], reasons, strict=True)
        ),
        "CI": map(interval, at["conf_low"], at["conf_high"]),
        "Events": (fixed(events, 0) for events in at.get("events", ())),
    }
    key = ["variable", "variable_level", "group2_level", "group1_level", "context"]
    keys = frame[key].iloc[:: len(names)].itertuples(index=False, name=None)
    return dict(zip(keys, zip(*(made[part] for part in parts), strict=True), strict=True))


def _foot(result: Result) -> tuple[str, ...]:
    shown = ["n: subjects with at least one event; %: of the column's N."]
    if result.options["interval"]:
        shown.append(f"CI: exact {confidence_level(result.options['conf'])} interval (Clopper-Pearson), in percent.")
    return (*shown, *result.notes)
