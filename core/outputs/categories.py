"""The categories of adverse events: which events are in one, how it reads, and what was decided by rule."""

import pandas as pd

from core.data import Data
from core.formats import NOT_COLLECTED, within_sentence
from core.outputs.catalogue import Option, Options
from core.study import EVENT_FLAGS, Population

CATEGORIES: dict[str, tuple[str, ...]] = {
    "all": (),
    "teae": ("treatment_emergent",),
    "serious": ("serious",),
    "related": ("related",),
    "grade34": ("grade34",),
    "fatal": ("fatal",),
    "discontinued": ("discontinued",),
    "related_teae": ("related", "treatment_emergent"),
    "related_serious": ("related", "serious"),
    "related_grade34": ("related", "grade34"),
    "related_fatal": ("related", "fatal"),
    "related_discontinued": ("related", "discontinued"),
}
"""The category of a table -> the flags that an event must have, all of them."""

HEADLINE = ("teae", "serious", "grade34", "fatal")
"""The categories that a reader looks at first."""


def category_labels(data: Data) -> dict[str, str]:
    """Return how each category reads in this study."""
    grade34 = data.study.adverse_events.grade34_label
    return {
        "all": "All",
        "teae": "Treatment-emergent",
        "serious": "Serious",
        "related": "Related to treatment",
        "grade34": grade34,
        "fatal": "Leading to death",
        "discontinued": "Leading to discontinuation",
        "related_teae": "Related and treatment-emergent",
        "related_serious": "Related and serious",
        "related_grade34": f"Related and {within_sentence(grade34)}",
        "related_fatal": "Related and leading to death",
        "related_discontinued": "Related and leading to discontinuation",
    }


def mask(category: str) -> int:
    """Return the bits of ``event.flags`` that a category wants."""
    return sum(1 << EVENT_FLAGS.index(flag) for flag in CATEGORIES[category])


def not_collected(data: Data, category: str) -> str:
    """Return why a category cannot be counted in this study; empty when it can."""
    rules = [data.collected[flag] for flag in CATEGORIES[category]]
    return "; ".join(f"{NOT_COLLECTED}: {rule}" for collected, rule in rules if not collected)


CATEGORY = Option("category", "Category", "teae", choices=category_labels, help="Which adverse events are counted.")


def grading(data: Data) -> list[str]:
    """Return by which criteria events are graded, for wherever grades are named; nothing when study.toml does not say."""
    said = data.study.adverse_events.grading
    return [f"Grades: {said}."] if said else []


def graded_by(data: Data, category: str) -> str:
    """Return by which criteria events are graded, where a category is one of grades; else nothing."""
    return data.study.adverse_events.grading if "grade34" in CATEGORIES[category] else ""


def notes(data: Data, population: Population, options: Options, graded: bool = False) -> list[str]:
    """Return what was decided by rule, with counts, for the foot of a table; `graded` when it parts events by grade."""
    category = str(options["category"])
    flags = CATEGORIES[category]
    reason = not_collected(data, category)
    label = category_labels(data)[category]
    if reason:
        return [f"{label}: {reason}."]
    named = {only[0]: name for name, only in CATEGORIES.items() if len(only) == 1}
    told = [f"{category_labels(data)[named[flag]]}: {data.collected[flag][1]}." for flag in flags]
    by_period = options.get("columns") == "APERIODC"
    if by_period:
        told.append(
            "An event counts in the period of its onset; N of a period is the subjects who entered it; the total is not a sum."
        )
    decided = {
        "related_assumed": (
            "related" in flags,
            "have no relation recorded, or one that is not listed, and count as related",
        ),
        "onset_assumed": (
            "treatment_emergent" in flags,
            "have a partial or missing onset that cannot be shown to precede treatment and count as treatment-emergent",
        ),
        "without_period": (by_period, "have no onset in any period and count in the total only"),
        "period_assumed": (by_period, "have a partial onset and count in the period of the date imputed for it"),
        "ungraded": (graded and not not_collected(data, "grade34"), "have no grade"),
    }
    told += _decided(data, population, category, decided)
    if "grade34" in flags:
        rest = _without_grade(category)
        told += _decided(
            data, population, rest, {"ungraded": (True, f"have no grade and do not count as {label.lower()}")}
        )
    return told + (grading(data) if graded or "grade34" in flags else [])


def _without_grade(category: str) -> str:
    """The category that asks for the same but the grade."""
    rest = tuple(flag for flag in CATEGORIES[category] if flag != "grade34")
    return next(name for name, flags in CATEGORIES.items() if flags == rest)


def _decided(data: Data, population: Population, category: str, decided: dict[str, tuple[bool, str]]) -> list[str]:
    """Tell how many events of a category each rule that matters touched."""
    if not any(matters for matters, _ in decided.values()):
        return []
    label = category_labels(data)[category]
    rules = data.ask("adverse_event_rules", population, wanted=mask(category)).iloc[0].astype(int)
    kind = "" if category == "all" else f" ({within_sentence(label)})"
    return [
        f"{rules[rule]} of {rules.events} events{kind} {what}."
        for rule, (matters, what) in decided.items()
        if matters and rules[rule]
    ]


def behind(data: Data, population: Population, options: Options, about: tuple[str, str, str]) -> pd.DataFrame:
    """Return the adverse events behind one row of a table, as recorded; the total column's."""
    variable, level, soc = about
    return data.ask(
        "adverse_events",
        population,
        "none",
        wanted=mask(str(options.get("category", "all"))),
        position=0,
        soc=level if variable == "SOC" else soc or None,
        pt=level if variable == "PT" else None,
    )
