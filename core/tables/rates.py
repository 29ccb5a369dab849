"""Rates of adverse events and cumulative incidence: from analysis results to a layout and a sentence."""

from collections.abc import Mapping
from math import isnan

from core.ard import Result
from core.charts.caption import confidence
from core.formats import (
    NOT_COLLECTED,
    NOT_ESTIMABLE,
    fixed,
    interval,
    percentage,
    sentence_case,
    significant,
    within_sentence,
)
from core.tables.layout import Column, Layout, Row, header, subtitle

INDENT = {"ANY": 0, "SOC": 0, "PT": 1}
FIRST, EVERY, BY_DAY = "first_event", "all_events", "cumulative_incidence"
Stats = Mapping[tuple[str, str], float]
"""(context, stat_name) -> value, of one cell of the table."""


def rate_table(result: Result, category: str) -> Layout:
    """Return first events with their rate, all events with theirs, and the share with a first event by a day, by column.

    Examples
    --------
    >>> from core.ard import join
    >>> options = {"conf": 0.95, "by_day": 90.0}
    >>> result = Result("x", "Rates", "s", "S", True, "2024-12-31", "", "Safety", "", 0, options, join([]))
    >>> rate_table(result, "Serious").title
    'Rates: serious'
    """
    ard = result.ard[result.ard.context.isin([FIRST, EVERY, BY_DAY])]
    levels = list(dict.fromkeys(ard.group1_level))
    conf, day = confidence(result), f"{float(result.options['by_day']):.0f}"
    heads = ("Subjects of those at risk", "Patient-months", f"Per 100 patient-months ({conf})", "Events (per 100)",
             f"By day {day}, % ({conf})")  # fmt: skip
    abouts = list(dict.fromkeys(zip(ard.variable, ard.variable_level, ard.group2_level, strict=True)))
    cells: dict[tuple[str, ...], dict[tuple[str, str], float]] = {}
    reasons: dict[tuple[str, ...], str] = {}
    for row in ard.itertuples():
        key = (row.variable, row.variable_level, row.group2_level, row.group1_level)
        cells.setdefault(key, {})[row.context, row.stat_name] = row.stat
        if row.context == FIRST and row.stat_name == "n":
            reasons[key] = row.warning
    columns = [
        Column(head, header(level, cells[(*abouts[0], level)][FIRST, "N"])) for level in levels for head in heads
    ]
    rows = [
        Row(
            sentence_case(about[1]),
            sum((_cell(cells[(*about, level)], reasons[(*about, level)]) for level in levels), ()),
            INDENT[about[0]],
            about,
        )
        for about in abouts
    ]
    notes = (
        "Per 100 patient-months: subjects with a first event per 100 patient-months (30.4375 days each) at risk until it, "
        "exact Poisson interval. Events (per 100): all events per 100 patient-months of the whole time at risk; without an "
        "interval, as the events of one subject are not independent.",
        f"By day {day}: cumulative incidence of the first event (Aalen-Johansen). Death and the window's end compete, the end "
        "of the study and the data cut censor; it is not one minus Kaplan-Meier.",
        *result.notes,
    )
    title = f"{result.title}: {within_sentence(category)}"
    stub = "System organ class / preferred term"
    return Layout(title, subtitle(result), stub, tuple(columns), tuple(rows), notes)


def _cell(stats: Stats, reason: str) -> tuple[str, ...]:
    if reason.startswith(NOT_COLLECTED):
        return (NOT_COLLECTED, "", "", "", "")
    n, watched = stats[FIRST, "n"], stats[FIRST, "n_at_risk"]
    return (
        f"{fixed(n, 0)} of {fixed(watched, 0)}" if not isnan(n) else NOT_ESTIMABLE,
        fixed(stats[FIRST, "patient_months"], 1),
        _with_limits(stats, FIRST, "rate"),
        f"{fixed(stats[EVERY, 'events'], 0)} ({significant(stats[EVERY, 'rate'])})" if not isnan(n) else NOT_ESTIMABLE,
        _share(stats),
    )


def _with_limits(stats: Stats, context: str, name: str) -> str:
    value, low, high = (stats[context, each] for each in (name, "conf_low", "conf_high"))
    if isnan(value):
        return NOT_ESTIMABLE
    return f"{significant(value)} [{significant(low)}, {significant(high)}]"


def _share(stats: Stats, sign: str = "") -> str:
    """The cumulative incidence in percent; without limits where there are none."""
    share, low, high = (100 * stats[BY_DAY, each] for each in ("estimate", "conf_low", "conf_high"))
    if isnan(share):
        return NOT_ESTIMABLE
    return percentage(share) + sign + (f" {interval(low, high)}" if not isnan(low) else "")


def rate_answer(result: Result, about: tuple[str, str], event: str) -> str:
    """Return how often the first of the chosen events came and to how many by the day, in one sentence; empty of nobody.

    Parameters
    ----------
    about : tuple of str
        The variable and its level by which results carry the chosen event.
    event : str
        How it reads.

    Examples
    --------
    >>> from core.ard import join
    >>> result = Result("x", "Rates", "s", "S", True, "2024-12-31", "", "Safety", "", 0, {}, join([]))
    >>> rate_answer(result, ("PT", "Nausea"), "Nausea")
    ''
    """
    if result.records.empty:
        return ""
    total = result.records[result.records.group == result.records.group.iloc[-1]]
    had = int((total.ended == "Event").sum())
    text = f"{event}: {had} of {len(total)} subjects at risk had a first event"
    ard = result.ard[(result.ard.variable == about[0]) & (result.ard.variable_level == about[1])]
    ard = ard[(ard.group1_level == total.group.iloc[0]) & ard.context.isin([FIRST, BY_DAY])]
    stats = {(context, name): stat for context, name, stat in zip(ard.context, ard.stat_name, ard.stat, strict=True)}
    # A term under two classes has two rows, and one that is hidden has none.
    if len(stats) < len(ard) or not stats or stats[FIRST, "n"] != had:
        return f"{text}."
    text += f", {_with_limits(stats, FIRST, 'rate')} per 100 patient-months ({confidence(result)})"
    by = stats[BY_DAY, "estimate"]
    return f"{text}; {_share(stats, '%')} by day {stats[BY_DAY, 'day']:.0f}." if not isnan(by) else f"{text}."
