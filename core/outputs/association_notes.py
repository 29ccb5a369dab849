"""What a reader must know with a correlation, and how it was made, in sentences."""

from collections.abc import Iterator

import numpy as np
import pandas as pd

from core.data import Data
from core.formats import RULES, confidence_level, count_percent, counted, named, p_value, within_sentence
from core.outputs import concordance, markers
from core.outputs.catalogue import Options
from core.outputs.correlated import WARNED_ABOVE, Correlated
from core.outputs.markers import RULE_SENTENCES
from core.outputs.measures import Measure
from core.study import Population

MOST_NAMED = 10
FEWEST_FOR_05 = 5
"""Pairs from which on all pairings, without ties, allow a two-sided p below 0.05."""


def unplanned(data: Data, population: Population, options: Options, x: Measure, y: Measure) -> list[str]:
    """Return in what a correlation is not one that the study plans; nothing when it is."""
    found = []
    if population.label != data.study.populations[0].label:
        found.append(f"population {population.label}")
    if population.filters:
        found.append(f"only subjects with {population.condition}")
    if {x.PARAMCD, y.PARAMCD} not in ({rung.x, rung.y} for rung in concordance.rungs(data)):
        found.append("two measures that study.toml does not set against each other")
    elif x.at != y.at or x.at not in concordance.planned_moments(data):
        found.append(f"{x.at} against {y.at}")
    if (x.matched | y.matched).any():
        found.append(f"records of other days, up to {options['window']:g} days away")
    changes_below = any((of.is_change or options["pearson"]) and of.below.any() for of in (x, y))
    if changes_below and options["blq"] != data.study.design.below_limit:
        rule = RULES[str(options["blq"])]
        found.append(f"rule for values below the limit: {within_sentence(rule)}")
    if options["method"] != "auto":
        found.append(f"p by method {options['method']}")
    return found


def notes(
    data: Data,
    options: Options,
    x: Measure,
    y: Measure,
    found: Correlated,
    records: pd.DataFrame,
    not_planned: list[str],
) -> list[str]:
    """Return what must be told."""
    n = int(found.n[0])
    return [
        *([f"Exploratory, not a planned correlation: {'; '.join(not_planned)}."] if not_planned else []),
        f"{n} of {len(records)} subjects on view are in the correlation.",
        *_left_out(records, x, y),
        *_below(data, x, y, found),
        *_matched(records, options, x, y),
        *_apart(records),
        *_p(found, options),
        *_drivers(records, found),
    ]


def _left_out(records: pd.DataFrame, x: Measure, y: Measure) -> Iterator[str]:
    """Name who has both values but is left out by rule or scale, and why."""
    lost = x.present & y.present & ((x.left_out != "") | (y.left_out != ""))
    n = int(lost.sum())
    if not n:
        return
    reasons = dict.fromkeys(within_sentence(text) for of in (x, y) for text in of.left_out[lost] if text)
    has = "subject has both values and is" if n == 1 else "subjects have both values and are"
    yield f"{n} {has} left out: {'; '.join(reasons)} ({named(records.USUBJID[lost], MOST_NAMED)})."


def _below(data: Data, x: Measure, y: Measure, found: Correlated) -> Iterator[str]:
    """Tell of both axes how many values are below the limit, how they were ranked, and whether that is too many."""
    n = int(found.n_usable[0])
    if not n:
        return
    for of, count, share in ((x, found.n_below_x, found.share_x), (y, found.n_below_y, found.share_y)):
        name = f"{of.label}, {of.at}"
        if not count[0]:
            yield f"{name}: none of {counted(n, 'value')} is below the limit of quantification."
            continue
        told = count_percent(int(count[0]), float(share[0]), "%")
        became = f"and {RULE_SENTENCES[of.rule]}" if of.is_change else "and share the lowest rank"
        what = "changes have a value" if of.is_change else "values are"
        sentence = f"{name}: {told} of {n} {what} below the limit of quantification {became}."
        most = data.study.association.most_below_percent
        if share[0] > most:
            sentence += f" That is more than the {most:g} % that the study allows: no correlation is given."
        elif share[0] > WARNED_ABOVE and found.allowed[0]:
            sentence += f" That is more than {WARNED_ABOVE:g} %: the correlation rests on the rest, read it with care."
        yield sentence


def _matched(records: pd.DataFrame, options: Options, x: Measure, y: Measure) -> Iterator[str]:
    """Name whose value is of another day than the timepoint's, and how far apart the two samples are."""
    for of, name in ((x, "x"), (y, "y")):
        taken = records[records[f"{name}_matched"] & records.paired]
        if taken.empty:
            continue
        sign = 1 if name == "x" else -1
        gaps = [f"{subject} ({sign * gap:+g})" for subject, gap in zip(taken.USUBJID, taken.days_between, strict=True)]
        yield (
            f"{of.label}: without a value at {of.at}, so the record nearest in time within {options['window']:g} days, with the days "
            f"from the other sample: {named(gaps, MOST_NAMED)}."
        )


def _apart(records: pd.DataFrame) -> Iterator[str]:
    """Tell how many days lie between the two samples of a pair."""
    days = records.days_between[records.paired].abs().dropna()
    if len(days) and days.max() > 0:
        yield f"The two samples of a pair are {days.median():g} days apart in the median, {days.max():g} at most."


def _p(found: Correlated, options: Options) -> Iterator[str]:
    """Tell what the p cannot show, and where it is from when that is not what was asked for."""
    n = int(found.n[0])
    if options["method"] == "exact" and found.exact[0] == 0:
        yield f"All pairings are counted up to 10 pairs; of {n} pairs p is by the t approximation."
    if 1 < n < FEWEST_FOR_05 and found.exact[0] == 1:
        yield f"With {counted(n, 'pair')} no rank correlation can reach p < 0.05."


def _drivers(records: pd.DataFrame, found: Correlated) -> Iterator[str]:
    """Tell how many subjects turn the answer when left out, each alone, and name the one who moves p most."""
    own, p = float(found.p_value[0]), records.p_without.to_numpy(dtype=float)
    turning = ~np.isnan(p) & ((p < 0.05) != (own < 0.05))
    if np.isnan(own) or not turning.any():
        return
    at = int(np.nanargmax(p) if own < 0.05 else np.nanargmin(p))
    many = counted(int(turning.sum()), "subject turns", "subjects, each left out alone, turn")
    yield f"{many} the answer at 0.05: without {records.USUBJID.iloc[at]}, p is {p_value(float(p[at]))}, not {p_value(own)}."


def as_recorded(of: Measure) -> list[str]:
    """Return values as a laboratory writes them, of a change both; a missing one is empty."""
    texts = [markers.as_recorded(end) for end in of.ends]
    if not of.is_change:
        return texts[0]
    return [f"{first} to {second}" if first and second else "" for first, second in zip(*texts, strict=True)]


def methods(
    data: Data, population: Population, options: Options, x: Measure, y: Measure, not_planned: list[str]
) -> str:
    """Return how the correlation was made, ready to be copied."""
    who = f"the {population.label} population" + (
        f", restricted to {population.condition}" if population.filters else ""
    )
    both = " and ".join(_told(of) for of in (x, y))
    pearson = " and in Pearson's correlation" if options["pearson"] else ""
    source = {
        "auto": "counted from all pairings up to 9 pairs and by the t approximation above",
        "exact": "counted from all pairings, up to 10 pairs, and by the t approximation above",
        "asymptotic": "by the t approximation",
    }[str(options["method"])]
    sentences = [
        f"The association of {both} was assessed by Spearman's rank correlation in subjects of {who} with both values, paired by "
        f"subject (data cut {data.study.data_cut})",
        f"Its two-sided p-value is {source}; ties share the mean of their ranks; the {confidence_level(options['conf'])} confidence interval "
        "is Bonett and Wright's, for 4 pairs or more",
        "Values below the limit of quantification at one timepoint share the lowest rank",
        f"In changes{pearson} such values {RULE_SENTENCES[str(options['blq'])]}" if x.is_change or y.is_change or pearson else "",
        "Kendall's tau-b is a second opinion (exact up to 33 pairs without ties and 9 with, else by the normal curve corrected for ties)",
        f"The partial correlation is of ranks, adjusted for {options['adjust']}" if options["adjust"] != "none" else "",
        "Pearson's correlation is of logarithms" if options["pearson"] else "",
        f"Where a measure of no tissue had no value at its timepoint, the record nearest to the other sample within {options['window']:g} "
        "days was taken" if float(options["window"]) > 0 else "",
        f"Not planned in this form, and so exploratory: {'; '.join(not_planned)}" if not_planned else "",
        f"Computed with Marrowscope from data snapshot {data.snapshot}" + (" of simulated data" if data.study.simulated else ""),
    ]  # fmt: skip
    return " ".join(f"{sentence}." for sentence in sentences if sentence)


def _told(of: Measure) -> str:
    if not of.is_change:
        return f"{of.label} at {of.at}"
    earlier_later = "log2 ratio" if of.scale == "log2" else "difference"
    return f"the change of {of.label} ({earlier_later}, {of.at})"
