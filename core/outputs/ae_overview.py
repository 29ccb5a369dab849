"""Adverse events at a glance: subjects and events of every category, and the worst grade of each subject."""

from math import isnan

import numpy as np
import pandas as pd

from core.ard import Result, grid, join
from core.data import Data
from core.formats import NOT_COLLECTED, count_percent, counted, fixed, within_sentence
from core.outputs import categories, incidence
from core.outputs.catalogue import COLUMNS, CONF, Answer, Options, Output, group_name
from core.outputs.categories import CATEGORIES, HEADLINE, category_labels, mask, not_collected
from core.outputs.cells import of_worst
from core.outputs.incidence import INTERVAL, shares
from core.study import Population
from core.tables.adverse_events import overview
from core.tables.layout import Layout

GRAVEST = (*HEADLINE, "discontinued")
"""The categories that the sentence tells."""


def compute(data: Data, population: Population, options: Options) -> Answer:
    """Count subjects and events of each category, deaths, and subjects by worst grade of any event."""
    reasons = {category: not_collected(data, category) for category in CATEGORIES}
    told = [
        f"{category_labels(data)[c]}: {reason}." for c, reason in reasons.items() if reason and len(CATEGORIES[c]) == 1
    ]
    for category in ("teae", "related", "grade34"):
        if not reasons[category]:
            told += categories.notes(data, population, {"category": category})
    told += categories.notes(data, population, {**options, "category": "all"})
    deaths, undated = _deaths(data, population, options)
    frame = join([_categories(data, population, options, reasons), deaths, _worst_grade(data, population, options)])
    return Answer(frame, list(dict.fromkeys([*told, *undated])))


def show(result: Result, data: Data) -> Layout:
    """Draw one row a category and one row a worst grade."""
    return overview(result, category_labels(data), data.study)


def answer(result: Result, data: Data) -> str:
    """Return how many subjects on view had an event of the gravest categories, and how many died."""
    if "ADAE" not in data.schema or not result.N:
        return ""
    labels = category_labels(data)
    ard = result.ard[(result.ard.group1_level == "Total") & result.ard.stat_name.isin(["n", "percent"])]
    stats = ard.set_index(["variable", "variable_level", "stat_name"]).stat
    had = {name: stats["CATEGORY", name, "n"] for name in GRAVEST}
    told = [
        f"{within_sentence(labels[name])}: {count_percent(n, stats['CATEGORY', name, 'percent'], '%')}"
        for name, n in had.items()
        if not isnan(n)
    ]
    died = stats["DEATH", "any", "n"]
    deaths = "" if isnan(died) else f" Died of any cause: {fixed(died, 0)}."
    return f"Subjects with at least one adverse event, of N={result.N} – {'; '.join(told)}.{deaths}"


def behind(data: Data, population: Population, options: Options, about: tuple[str, str, str]) -> pd.DataFrame:
    """Return the events of a category; for a worst grade, all events of the subjects who have it; the subjects who died."""
    variable, level, _ = about
    if variable == "DEATH":
        died = data.ask("observations", population)
        return data.ask("subjects", population).merge(died.loc[died.died == True, ["USUBJID"]], on="USUBJID")  # noqa: E712
    category = level if variable == "CATEGORY" else "all"
    events = categories.behind(data, population, {**options, "category": category}, ("ANY", "", ""))
    return events if variable != "GRADE" else of_worst(events, data.study.adverse_events, level)


def _categories(data: Data, population: Population, options: Options, reasons: dict[str, str]) -> pd.DataFrame:
    names = list(CATEGORIES)
    by = str(options["columns"])
    columns = data.ask("columns", population, by)
    counts = data.ask("adverse_event_categories", population, by, categories=names, masks=[mask(c) for c in names])
    found = counts.set_index(["category", "position"])
    cells = pd.MultiIndex.from_product([names, columns.position])
    n, events = (
        found[stat].reindex(cells, fill_value=0).to_numpy(dtype=float).reshape(len(names), -1, 1)
        for stat in ("n", "events")
    )
    blank = np.array([bool(reason) for reason in reasons.values()])
    n[blank], events[blank] = np.nan, np.nan
    stats = shares(n, columns.N.to_numpy(dtype=float), events, float(options["conf"]))
    why = np.array([reason or incidence.EMPTY_COLUMN for reason in reasons.values()], dtype=object)
    return grid(
        _rows("CATEGORY", names),
        group_name(options),
        list(columns.level),
        [""],
        stats,
        np.broadcast_to(why[:, None, None], n.shape),
    )


def _deaths(data: Data, population: Population, options: Options) -> tuple[pd.DataFrame, list[str]]:
    """Subjects who died, of any cause, and in a period those whose death is dated in it."""
    by = str(options["columns"])
    columns = data.ask("columns", population, by)
    found = data.ask("deaths", population, by).set_index("position").reindex(columns.position, fill_value=0)
    absent = {"DTHFL", "DTHDT"}.isdisjoint(data.schema["ADSL"])
    n = np.full((1, len(columns), 1), np.nan) if absent else found.n.to_numpy(dtype=float).reshape(1, -1, 1)
    stats = shares(n, columns.N.to_numpy(dtype=float), n, float(options["conf"]))
    del stats["events"]
    why = f"{NOT_COLLECTED}: DTHFL and DTHDT are absent" if absent else incidence.EMPTY_COLUMN
    frame = grid(_rows("DEATH", ["any"]), group_name(options), list(columns.level), [""], stats, why)
    undated = int(found.undated.iloc[-1])
    if by != "APERIODC" or not undated:
        return frame, []
    return frame, [f"{counted(undated, 'death')} without a date: in the total only."]


def _worst_grade(data: Data, population: Population, options: Options) -> pd.DataFrame:
    """Subjects by the worst grade of any of their events: one row a grade."""
    table = incidence.incidence(data, population, {**options, "category": "all", "sort": "alphabetical"})
    grades = [*data.study.adverse_events.levels, incidence.MISSING]
    at = [table.contexts.index(grade) for grade in grades]
    n, events = table.n[0][:, at].T[..., None], table.events[0][:, at].T[..., None]
    ungraded = not_collected(data, "grade34")
    if ungraded:
        n[:-1], events[:-1] = np.nan, np.nan
    stats = shares(n, table.N, events, float(options["conf"]))
    return grid(
        _rows("GRADE", grades), group_name(options), table.levels, [""], stats, ungraded or incidence.EMPTY_COLUMN
    )


def _rows(variable: str, levels: list[str]) -> pd.DataFrame:
    return pd.DataFrame({"variable": variable, "variable_level": levels, "group2": "", "group2_level": ""})


OUTPUT = Output(
    "ae_overview",
    "Adverse events at a glance",
    (COLUMNS, INTERVAL, CONF),
    compute,
    show,
    needs="ADAE",
    answer=answer,
    behind=behind,
)
