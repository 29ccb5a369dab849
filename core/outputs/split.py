"""Splitting the subjects of a comparison: by a subgroup, or by whether an adverse event came before the second specimen."""

import numpy as np
import pandas as pd

from core.data import Data
from core.errors import ConditionError
from core.outputs.catalogue import Option
from core.outputs.markers import Flags, Pairs
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
        found[str(Condition("GRADE", "IN", worst, EVENTS))] = f"{least} event before the later specimen"
    for flag, label in (("serious", "Serious event"), ("related", "Event related to treatment")):
        if data.collected[flag][0]:
            found[str(Condition(flag.upper(), "EQ", ("Y",), EVENTS))] = f"{label} before the later specimen"
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
) -> tuple[dict[str, Flags], list[str]]:
    """Return level -> who of the subjects on view belongs to it, and what must be told.

    Of a subgroup every subject on view is in one level; of an event, everyone with a dated later specimen.

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
        blank = "Missing (blank)" if "Missing" in levels else "Missing"
        return levels | ({blank: missing} if missing.any() else {}), []
    return _by_event(data, population, pairs, Where.parse(split), second)


def _by_event(
    data: Data, population: Population, pairs: Pairs, event: Where, second: pd.Series
) -> tuple[dict[str, Flags], list[str]]:
    """Ask of every subject with a dated later specimen whether such an event had certainly begun before it."""
    onsets = data.ask("event_onsets", population, events=event)
    day = pd.Series(second.to_numpy(), index=pairs.subjects.subject_code)
    of_subject = day.reindex(onsets.subject_code).reset_index(drop=True)
    certain = onsets.last_onset < of_subject
    perhaps = ~certain & of_subject.notna() & (onsets.first_onset.isna() | (onsets.first_onset < of_subject))
    dated = second.notna().to_numpy()
    before = pairs.subjects.subject_code.isin(onsets.subject_code[certain]).to_numpy()
    told = [
        "Only events with onset before the later specimen count; the groups formed themselves during the study, so the "
        "comparison is exploratory and not causal."
    ]
    if perhaps.any():
        told.append(f"Such events with a partial or missing onset, not counted as before it: {int(perhaps.sum())}.")
    if not dated.all():
        told.append(f"Subjects without a dated later specimen, who are in neither group: {int((~dated).sum())}.")
    return {YES: before & dated, NO: ~before & dated}, told
