"""Splitting the subjects of a comparison: by a subgroup, or by whether an adverse event came before the second specimen."""

import numpy as np
import pandas as pd

from core.data import Data
from core.errors import ConditionError
from core.outputs.catalogue import Option
from core.outputs.markers import Pairs
from core.study import Population
from core.where import EVENTS, Condition, Where

NONE = "none"
YES, NO = "Yes", "No"


def choices(data: Data) -> dict[str, str]:
    """Return what a comparison may be split by -> how it reads: subgroups of study.toml, and adverse events."""
    found = {NONE: "Not split"}
    found |= {f.variable: f.label for f in data.study.filters if f.variable in data.groupings}
    if "ADAE" not in data.schema:
        return found
    coding = data.study.adverse_events
    worst = coding.levels[coding.levels.index(coding.grade34[0]) :]
    if data.collected["grade34"][0]:
        least = coding.grade_label(worst[0]) + (" or worse" if len(worst) > 1 else "")
        found[str(Condition("GRADE", "IN", worst, EVENTS))] = f"Had a {least} event"
    for flag, label in (("serious", "a serious event"), ("related", "an event related to treatment")):
        if data.collected[flag][0]:
            found[str(Condition(flag.upper(), "EQ", ("Y",), EVENTS))] = f"Had {label}"
    return found


def _is_event(data: Data, text: str) -> bool:
    """Whether a text is a condition on adverse events alone."""
    try:
        where = Where.parse(text)
    except ConditionError:
        return False
    return "ADAE" in data.schema and where.expression is not None and where.expression.datasets == {EVENTS}


SPLIT = Option(
    "split", "Split by", NONE, choices=choices, accepts=_is_event, rare=True,
    help="Compares groups side by side, exploratory and not causal: a subgroup, or whether an event (any condition on AE) "
    "began before the second specimen.",
)  # fmt: skip


def label(data: Data, split: str) -> str:
    """Return how a split reads."""
    return choices(data).get(split, split)


def groups(
    data: Data, population: Population, pairs: Pairs, split: str, second: pd.Series
) -> tuple[dict[str, np.ndarray], list[str]]:
    """Return level -> who of the subjects on view belongs to it, and what must be told.

    Parameters
    ----------
    second : Series of timestamps
        When the later specimen of each subject was taken; only events that began before it count.
    """
    if split == NONE:
        return {"": np.ones(len(pairs.subjects), dtype=bool)}, []
    if split in data.groupings:
        values = pairs.subjects[split]
        levels = {level: (values == level).to_numpy(dtype=bool) for level in data.groupings[split]}
        missing = values.isna().to_numpy()
        return levels | ({"Missing": missing} if missing.any() else {}), []
    onsets = data.ask("event_onsets", population, events=Where.parse(split))
    first = onsets.groupby("subject_code").last_onset.min().reindex(pairs.subjects.subject_code).to_numpy()
    before = np.asarray(first < second.to_numpy(), dtype=bool)
    told = [
        "Only events with onset before the later specimen count; the groups formed themselves during the study, so the "
        "comparison is exploratory and not causal."
    ]
    undated = int(onsets.last_onset.isna().sum())
    unknown = int((second.isna().to_numpy() & pairs.paired.any(axis=0)).sum())
    if undated:
        told.append(f"{undated} such events have no onset date and are not counted as before it.")
    if unknown:
        told.append(f"Pairs without a date of the later specimen, for which no event counts as before it: {unknown}.")
    return {YES: before, NO: ~before}, told
