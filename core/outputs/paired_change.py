"""Did one marker change between two timepoints? Every test of it, and what each rests on."""

from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from core.ard import Result, join
from core.data import Data
from core.formats import RULES, counted
from core.outputs import change_notes, markers, split
from core.outputs.catalogue import CONF, Answer, Figure, Option, Options, Output
from core.outputs.comparison import Comparison, statistics
from core.outputs.markers import BLQ, FROM, PARAMCD, SCALE, TO
from core.outputs.methods import methods
from core.stats import below_limit
from core.stats.below_limit import Measured
from core.study import Population
from core.tables.layout import Layout

if TYPE_CHECKING:
    import altair as alt

    from core.charts.change import Compared

Flags = NDArray[np.bool_]

ZEROS = Option(
    "zeros", "Differences of zero", "wilcox", choices=lambda _: {"wilcox": "Dropped (Wilcoxon)", "pratt": "Ranked, then dropped (Pratt)"},
    help="In the signed-rank test.", rare=True,
)  # fmt: skip
METHOD = Option(
    "method", "Signed-rank p", "auto",
    choices=lambda _: {"auto": "Exact up to 50 differences", "exact": "Exact", "asymptotic": "Normal approximation"},
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
    dated = data.ask("values_at", population, parameter=code, timepoints=[str(options["from"]), str(options["to"])])
    by = str(options["split"])
    groups, told = split.groups(data, population, pairs, by, dated.ADT[1::2].reset_index(drop=True))
    key = {"variable": code, "group1": "" if by == split.NONE else by}
    parts = {level: whole.of(members) for level, members in groups.items()}
    frames = [
        frame
        for level, part in parts.items()
        for frame in statistics(part, {**key, "group1_level": level}, str(options["from"]), str(options["to"]))
    ]
    records = _records(pairs, whole, dated, groups, parts)
    unplanned = markers.unplanned(data, population, options, pairs)
    unplanned += [f"split by {split.label(data, by)}"] if by != split.NONE else []
    notes = [
        *([f"Exploratory, not the planned comparison: {'; '.join(unplanned)}."] if unplanned else []),
        f"{int(whole.pairs.sum())} of {len(records)} subjects on view form a pair.",
        markers.told_below(pairs, whole.rule),
        *change_notes.left_out(whole, records),
        *change_notes.by_group(parts, groups, pairs.subjects.USUBJID),
        *told,
    ]
    label = str(next(iter(pairs.markers.label), code))
    about = f"{label} was compared in {counted(int(whole.pairs.sum()), 'pair')}"
    told_methods = methods(data, population, options, about, [scale], unplanned)
    return Answer(join(frames), notes, records, told_methods, unplanned)


def _records(
    pairs: markers.Pairs, whole: Comparison, dated: pd.DataFrame, groups: dict[str, Flags], parts: dict[str, Comparison]
) -> pd.DataFrame:
    """Return one row per subject on view: both values and their change as analysed, or why there is no pair."""
    first, second = dated[::2].reset_index(drop=True), dated[1::2].reset_index(drop=True)
    level, without = np.full(len(first), "", dtype=object), np.full((2, len(first)), np.nan)
    for name, members in groups.items():
        level[members] = name
        without[:, members] = parts[name].left_out.estimates, parts[name].left_out.p_values
    return pd.DataFrame(
        {
            "USUBJID": pairs.subjects.USUBJID,
            "group": level,
            "earlier": below_limit.on_scale(whole.earlier, whole.rule),
            "later": below_limit.on_scale(whole.later, whole.rule),
            "change": whole.change.change,
            "earlier_below": whole.earlier.below,
            "later_below": whole.later.below,
            "earlier_limit": whole.earlier.limit,
            "later_limit": whole.later.limit,
            "earlier_ADT": first.ADT,
            "later_ADT": second.ADT,
            "days_between": (second.ADT - first.ADT).dt.days.astype(float),
            "paired": whole.pairs,
            "estimate_without": without[0],
            "p_without": without[1],
            "earlier_missing": first.missing.fillna("").where(first.missing.notna(), _left_out(whole, whole.earlier)),
            "later_missing": second.missing.fillna("").where(second.missing.notna(), _left_out(whole, whole.later)),
            "earlier_text": markers.as_recorded(whole.earlier),
            "later_text": markers.as_recorded(whole.later),
        }
    )


def _left_out(whole: Comparison, sample: Measured) -> NDArray[np.str_]:
    """Return why a usable value is in no pair under the rule and on the scale; empty where it can be in one."""
    excluded = sample.below & (whole.rule == "exclude")
    unstated = sample.below & np.isnan(sample.limit) & (whole.rule in markers.NEED_A_LIMIT)
    unsigned = ~sample.below & (sample.value <= 0) & (whole.scale == "log2")
    reasons = ("Below the limit, excluded", "Below a limit that nobody states", "Not positive, so without logarithm")
    return np.where(whole.pairs, "", np.select([excluded, unstated, unsigned], reasons, ""))


def show(result: Result, data: Data) -> Layout:
    """Draw the summaries, the tests and what they rest on."""
    from core.tables.change import change_table

    return change_table(result, compared(result, data), data.study)


def answer(result: Result, data: Data) -> str:
    """Return what was found in one sentence."""
    from core.tables.change import answer

    return answer(result, compared(result, data), data.study)


def wide(result: Result) -> pd.DataFrame:
    """Return one row a subject on view, pairs first: both values as analysed and as recorded, and why there is no pair.

    The values as analysed give the change by subtraction, or on log2 by their ratio: in a pair with both values below
    the limit, which counts as no change, both are the later one's stand-in.
    """
    if result.records.empty:
        return result.records
    found = result.records.sort_values("paired", ascending=False, kind="stable")
    visits = {"earlier": str(result.options["from"]), "later": str(result.options["to"])}
    both = found.earlier_below & found.later_below & found.paired
    analysed = {"earlier": found.earlier.where(~both, found.later), "later": found.later}
    columns: dict[str, Any] = {"USUBJID": found.USUBJID, "PARAMCD": result.options["PARAMCD"]}
    columns |= {"group": found.group} if result.options["split"] != split.NONE else {}
    columns |= {visits[at]: values for at, values in analysed.items()}
    columns["log2 change" if "fold_change" in set(result.ard.context) else "change"] = found.change
    columns["in analysis"] = np.where(found.paired, "Y", "N")
    for at, visit in visits.items():
        columns[f"{visit} as recorded"] = found[f"{at}_text"]
        columns[f"{visit} below limit"] = np.where(found[f"{at}_below"], "Y", "N")
        columns[f"{visit} LLOQ"] = found[f"{at}_limit"]
        columns[f"{visit} date"] = found[f"{at}_ADT"].dt.strftime("%Y-%m-%d")
        columns[f"{visit} missing"] = found[f"{at}_missing"]
    columns |= {"days between": found.days_between, "rule for below limit": RULES[str(result.options["blq"])]}
    return pd.DataFrame(columns | {"estimate without": found.estimate_without, "p without": found.p_without})


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
