"""Did one marker change between two timepoints? Every test of it, and what each rests on."""

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from core.ard import Result, join
from core.data import Data
from core.formats import p_value
from core.outputs import markers, split
from core.outputs.catalogue import CONF, Answer, Figure, Option, Options, Output
from core.outputs.comparison import NO_LOGARITHM, Comparison, statistics, unsized
from core.outputs.markers import BLQ, FROM, PARAMCD, SCALE, TO
from core.outputs.methods import methods
from core.stats import below_limit
from core.stats.below_limit import Measured
from core.stats.influence import each_left_out
from core.stats.normality import skewness
from core.stats.paired_t import paired_t
from core.stats.signed_rank import signed_rank
from core.study import Population
from core.tables.layout import Layout

if TYPE_CHECKING:
    import altair as alt

    from core.charts.change import Compared

Flags = NDArray[np.bool_]
SKEWED = 1.0
REACHABLE = 6

ZEROS = Option(
    "zeros", "Differences of zero", "wilcox", choices=lambda _: {"wilcox": "Dropped (Wilcoxon)", "pratt": "Ranked, then dropped (Pratt)"},
    help="In the signed-rank test.", rare=True,
)  # fmt: skip
METHOD = Option(
    "method", "Signed-rank p", "auto",
    choices=lambda _: {"auto": "Exact up to 50 pairs", "exact": "Exact", "asymptotic": "Normal approximation"},
    help="Where the p of the signed-rank test comes from.", rare=True,
)  # fmt: skip


def compute(data: Data, population: Population, options: Options) -> Answer:
    """Compare one marker between two timepoints, group by group."""
    code = str(options["PARAMCD"])
    if reason := markers.nothing_to_compare(data):
        return Answer(join([]), [reason])
    pairs = markers.read(data, population, options, code)
    scale = str(next(iter(markers.scale_of(pairs.markers, options)), "raw"))
    whole = Comparison(
        pairs.earlier.pick(0), pairs.later.pick(0), rule=str(options["blq"]), scale=scale,
        primary=data.study.design.test, conf=float(options["conf"]), zeros=str(options["zeros"]),
        method=str(options["method"]),
    )  # fmt: skip
    dated = data.ask(
        "paired_records", population, parameter=code, earlier=str(options["from"]), later=str(options["to"])
    )
    by = str(options["split"])
    groups, told = split.groups(data, population, pairs, by, dated.ADT[1::2].reset_index(drop=True))
    frames = [
        frame
        for level, members in groups.items()
        for frame in statistics(
            replace(whole, earlier=whole.earlier.pick(members), later=whole.later.pick(members)),
            {"variable": code, "group1": "" if by == split.NONE else by, "group1_level": level},
            str(options["from"]),
            str(options["to"]),
        )
    ]
    records = _records(pairs, whole, dated, groups)
    unplanned = markers.unplanned(data, population, options, pairs.markers)
    unplanned += [f"split by {split.label(data, by)}"] if by != split.NONE else []
    notes = [*_notes(pairs, whole, records, unplanned), *told]
    label = str(next(iter(pairs.markers.label), code))
    about = f"{label} was compared in {int(whole.pairs.sum())} pairs"
    return Answer(
        join(frames), notes, records, methods(data, population, options, about, [scale], unplanned), unplanned
    )


def _records(pairs: markers.Pairs, whole: Comparison, dated: pd.DataFrame, groups: dict[str, Flags]) -> pd.DataFrame:
    """Return one row per subject on view: both values and their change as analysed, or why there is no pair."""
    first, second = dated[::2].reset_index(drop=True), dated[1::2].reset_index(drop=True)
    found, without = whole.change, each_left_out(whole.sized, whole.primary)
    level = np.full(len(first), "", dtype=object)
    for name, members in groups.items():
        level[members] = name
    return pd.DataFrame(
        {
            "USUBJID": pairs.subjects.USUBJID,
            "group": level,
            "earlier": below_limit.on_scale(whole.earlier, whole.rule),
            "later": below_limit.on_scale(whole.later, whole.rule),
            "change": found.change,
            "earlier_below": whole.earlier.below,
            "later_below": whole.later.below,
            "earlier_limit": whole.earlier.limit,
            "later_limit": whole.later.limit,
            "earlier_ADT": first.ADT,
            "later_ADT": second.ADT,
            "days_between": (second.ADT - first.ADT).dt.days.astype(float),
            "paired": whole.pairs,
            "estimate_without": without.estimates,
            "p_without": without.p_values,
            "earlier_missing": first.missing.fillna("").where(first.missing.notna(), _left_out(whole, whole.earlier)),
            "later_missing": second.missing.fillna("").where(second.missing.notna(), _left_out(whole, whole.later)),
        }
    )


def _left_out(whole: Comparison, sample: Measured) -> NDArray[np.str_]:
    """Return why a usable value is in no pair under the rule and on the scale; empty where it can be in one."""
    lost = sample.present & np.isnan(below_limit.on_scale(sample, whole.rule, whole.scale)) & ~whole.pairs
    below = "Below the limit, excluded" if whole.rule == "exclude" else "Below a limit that nobody states"
    return np.where(lost, np.where(sample.below, below, "Not positive, so without logarithm"), "")


def _notes(pairs: markers.Pairs, whole: Comparison, records: pd.DataFrame, unplanned: list[str]) -> list[str]:
    """Return what a reader must know with the numbers."""
    usable, n = pairs.paired[0] if len(pairs.paired) else whole.pairs, int(whole.pairs.sum())
    notes = [f"Exploratory, not the planned comparison: {'; '.join(unplanned)}."] if unplanned else []
    notes.append(f"{n} of {len(records)} subjects on view form a pair; the others are listed with the reason.")
    below = int((whole.earlier.below & usable).sum() + (whole.later.below & usable).sum())
    notes.append(markers.told_below(below, 2 * int(usable.sum()), whole.rule))
    lost = records.USUBJID[usable & ~whole.pairs]
    if len(lost):
        sides = records.loc[lost.index, ["earlier_missing", "later_missing"]].to_numpy().ravel()
        why = "; ".join(dict.fromkeys(text[0].lower() + text[1:] for text in sides if text))
        notes.append(f"{len(lost)} pairs are left out: {why} ({', '.join(lost)}).")
    if reason := unsized(whole):
        can = "Nothing can be tested" if reason == NO_LOGARITHM else "Only the sign test can be made"
        return [*notes, f"{can}: {reason}."]
    return [*notes, *_few(whole, n), *_shape(whole), *_drivers(whole, records)]


def _few(whole: Comparison, n: int) -> list[str]:
    """Say when a p below 0.05 is out of reach of the rank tests."""
    differing = int(np.count_nonzero(whole.change.change[whole.pairs]))
    if not n or differing >= REACHABLE:
        return []
    least = p_value(min(1.0, 2.0 ** (1 - differing)))
    return [
        f"With {differing} differences other than zero neither the signed-rank nor the sign test can reach p < 0.05; the "
        f"least they can reach is {least}. The t-test can, by leaning on normal differences."
    ]


def _shape(whole: Comparison) -> list[str]:
    skew = skewness(whole.sized)
    if not abs(skew) > SKEWED:
        return []
    return [
        "The differences are skewed; set the mean beside the Hodges-Lehmann estimate. The pre-specified test stays "
        f"the {markers.TESTS[whole.primary]}."
    ]


def _drivers(whole: Comparison, records: pd.DataFrame) -> list[str]:
    """Name the subject without whom p would be the greatest, when that turns the answer."""
    p = records.p_without.to_numpy()
    own = paired_t(whole.sized) if whole.primary == "paired_t" else signed_rank(whole.sized, whole.zeros, whole.method)
    if np.isnan(p).all() or np.isnan(own.p_value):
        return []
    at = int(np.nanargmax(p) if own.p_value < 0.05 else np.nanargmin(p))
    if (p[at] < 0.05) == (own.p_value < 0.05):
        return []
    return [
        f"One subject turns the answer at 0.05: without {records.USUBJID[at]}, p is {p_value(float(p[at]))}, not {p_value(float(own.p_value))}."
    ]


def show(result: Result, data: Data) -> Layout:
    """Draw the summaries, the tests and what they rest on."""
    from core.tables.change import change_table

    return change_table(result, compared(result, data), data.study)


def answer(result: Result, data: Data) -> str:
    """Return what was found in one sentence."""
    from core.tables.change import answer

    return answer(result, compared(result, data), data.study)


def wide(result: Result) -> pd.DataFrame:
    """Return one row a subject on view: both values, their change, flags, dates, and why there is no pair."""
    found = result.records
    if found.empty:
        return found
    first, second = str(result.options["from"]), str(result.options["to"])
    frame = pd.DataFrame({"USUBJID": found.USUBJID, "PARAMCD": result.options["PARAMCD"]})
    if result.options["split"] != split.NONE:
        frame["group"] = found.group
    for name, at in ((first, "earlier"), (second, "later")):
        frame[name] = found[at]
    frame["change"] = found.change
    frame["in analysis"] = np.where(found.paired, "Y", "N")
    for name, at in ((first, "earlier"), (second, "later")):
        frame[f"{name} below limit"] = np.where(found[f"{at}_below"], "Y", "N")
        frame[f"{name} LLOQ"] = found[f"{at}_limit"]
        frame[f"{name} date"] = found[f"{at}_ADT"].dt.strftime("%Y-%m-%d")
        frame[f"{name} missing"] = found[f"{at}_missing"]
    return frame.assign(**{"days between": found.days_between})


def compared(result: Result, data: Data) -> "Compared":
    """Return how the comparison of a result reads on a figure."""
    from core.charts.change import Compared

    marker = data.parameters[result.options["PARAMCD"] == data.parameters.PARAMCD]
    scale = str(next(iter(markers.scale_of(marker, result.options)), "raw"))
    by = str(result.options["split"])
    label, unit = (str(next(iter(marker[name]), "")) for name in ("label", "unit"))
    return Compared(
        label,
        unit,
        str(result.options["from"]),
        str(result.options["to"]),
        scale,
        "" if by == split.NONE else split.label(data, by),
    )


def _figure(name: str, title: str) -> Figure:
    """Return one of the figures of `core.charts.change`."""

    def draw(result: Result, data: Data) -> "alt.LayerChart":
        from core.charts import change

        drawn: alt.LayerChart = getattr(change, name)(result, compared(result, data))
        return drawn

    return Figure(title, draw, "USUBJID")


OUTPUT = Output(
    "paired_change",
    "Paired change of one marker",
    (PARAMCD, FROM, TO, SCALE, BLQ, split.SPLIT, ZEROS, METHOD, CONF),
    compute,
    show,
    needs="ADBM",
    figures={
        "slope": _figure("slope", "Before and after"),
        "waterfall": _figure("waterfall", "Change by subject"),
        "distribution": _figure("distribution", "Distribution of changes"),
    },
    records=wide,
    answer=answer,
)
