"""Power: from analysis results to a layout, and what the numbers say in sentences."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from math import floor, isnan

import pandas as pd

from core.ard import Result
from core.formats import NOT_ESTIMABLE, brief, chance, confidence_level, counted, fixed, named, significant
from core.tables.layout import Column, Layout, Row, subtitle

Stats = dict[str, float]
Line = tuple[str, tuple[str, ...], str, tuple[str, str, str]]
"""Of a row: its label, its cells, why some of them are missing, and what it is about."""

NOWHERE = ("", "", "")

TESTS = {"paired_t": "Paired t-test", "wilcoxon": "Signed-rank test"}
SHAPES = {
    "normal": "normal measurements",
    "heavy_tails": "heavy tails",
    "log_normal": "log-normal measurements",
}
"""How the simulated distributions read."""


@dataclass(frozen=True)
class Marker:
    """How a marker reads: its name, what its change is measured in, and whether that is a ratio."""

    label: str
    unit: str
    log2: bool


def power_table(result: Result, known: Mapping[str, Marker], families: Mapping[str, str]) -> Layout:
    """Return one row a test, family, reading of the plan or marker, each with its four numbers.

    Parameters
    ----------
    known : mapping
        PARAMCD to how the marker reads.
    families : mapping
        Family of the study to how it reads.

    Examples
    --------
    >>> from core.ard import join
    >>> options = {"conf": 0.95, "half_width": ""}
    >>> result = Result("power", "Power", "s", "S", True, "2024-12-31", "", "Safety", "", 0, options, join([]))
    >>> [column.label for column in power_table(result, {}, {}).columns]
    ['Pairs', 'd_z', 'alpha', 'Power', 'Simulated size']
    """
    columns = (
        Column("Pairs"), Column("d_z"), Column("alpha"), Column("Power"), Column("Simulated size"), *_marker_columns(result)
    )  # fmt: skip
    blocks = {
        "What is asked": _tests(result),
        "The same tests of simulated measurements": _simulated(result),
        "Each of many markers, paired t-test at its part of alpha (Bonferroni)": _families(result, families),
        "The plan of study.toml, read in different ways": _readings(result),
        "Markers at the pairs on view, tested alone": _markers(result, known),
    }
    rows: list[Row] = []
    reasons: dict[str, list[str]] = {}
    for heading, block in blocks.items():
        found = list(block)
        rows += [Row(heading, ("",) * len(columns))] if found else []
        for label, cells, why, about in found:
            rows.append(Row(label, (*cells, *("",) * (len(columns) - len(cells))), 1, about))
            if NOT_ESTIMABLE in "".join(cells):
                reasons.setdefault(why, []).append(label)
    notes = [f"{NOT_ESTIMABLE}: not estimable; {why} ({named(labels)})." for why, labels in reasons.items()]
    return Layout(result.title, subtitle(result), "", columns, tuple(rows), (*notes, *result.notes))


def _marker_columns(result: Result) -> tuple[Column, ...]:
    if not (result.ard.context == "current").any():
        return ()
    labels = ["SD of changes", "Smallest change", f"± ({confidence_level(result.options['conf'])} CI)"]
    wanted = result.options["half_width"]
    labels += [f"Pairs for ± {brief(float(wanted))}"] if wanted != "" else []
    return tuple(Column(label, "In the marker's unit") for label in labels)


def _numbers(stats: Stats) -> tuple[str, str, str, str]:
    """Return how pairs, effect size, alpha and power read: the power is that of the whole pairs."""
    n, exact = stats["n"], stats.get("n_exact", stats["n"])
    pairs = fixed(n, 0) if n == exact or isnan(exact) else f"{fixed(n, 0)} ({fixed(exact, 2)})"
    reached = stats.get("power_reached", stats["power"])
    return pairs, brief(stats["effect_size"]), brief(stats["alpha"]), chance(reached)


def _stats(ard: pd.DataFrame) -> tuple[Stats, str]:
    """Return the numbers of one row, and why some are missing."""
    reasons = [warning for warning in dict.fromkeys(ard.warning) if warning]
    return dict(zip(ard.stat_name, ard.stat, strict=True)), "; ".join(reasons)


def _tests(result: Result) -> Iterator[Line]:
    told = {
        "power": "Paired t-test, exact for normal changes",
        "wilcoxon_are": "Signed-rank test, by its efficiency 3/π for normal changes in large samples",
    }
    for context, label in told.items():
        part = result.ard[result.ard.context == context]
        if len(part):
            stats, why = _stats(part)
            yield label, _numbers(stats), why, NOWHERE


def _simulated(result: Result) -> Iterator[Line]:
    drawn = result.ard[result.ard.context == "simulated"]
    for keys, part in drawn.groupby(["group2_level", "variable_level"], sort=False):
        shape, test = map(str, keys)
        stats, why = _stats(part)
        cells = (fixed(stats["n"], 0), brief(stats["effect_size"]), brief(stats["alpha"]), _share(stats, "power"))
        yield f"{TESTS[test]}, {SHAPES[shape]}", (*cells, _share(stats, "size")), why, NOWHERE


def _share(stats: Stats, name: str) -> str:
    """Return a simulated share with its Monte Carlo standard error."""
    if isnan(stats[name]):
        return NOT_ESTIMABLE
    return f"{fixed(100 * stats[name], 1)}% ± {fixed(100 * stats[f'{name}_error'], 2)}"


def _families(result: Result, families: Mapping[str, str]) -> Iterator[Line]:
    for level, part in result.ard[result.ard.context == "family"].groupby("group2_level", sort=False):
        stats, why = _stats(part)
        share = "" if stats["percent"] == 100 else f", {brief(stats['percent'])}% of alpha"
        label = f"{families[str(level)] if level else 'As stated'}: {counted(int(stats['markers']), 'marker')}{share}"
        yield label, _numbers(stats), why, NOWHERE


def _readings(result: Result) -> Iterator[Line]:
    for level, part in result.ard[result.ard.context == "claim"].groupby("variable_level", sort=False):
        stats, why = _stats(part)
        what, reading = _reading(str(level), stats)
        yield f"{what}: {reading}", _numbers(stats), why, NOWHERE


def _reading(level: str, stats: Stats) -> tuple[str, str]:
    """Return what a number of the plan is, and which reading of the plan it fits."""
    markers = floor(stats["markers"]) if stats["markers"] >= 1 else 0
    many = f"a panel of {counted(markers, 'marker')} of which any may count"
    none = "no test at the planned alpha"
    return {
        "detectable": ("Effect that the planned pairs detect", "one marker named beforehand, tested alone"),
        "needed": ("Pairs that the planned effect needs", "one marker tested alone, with no pair to spare"),
        "achieved": ("Power that the planned pairs have for the planned effect", "one marker tested alone"),
        "family": ("Effect that the planned pairs detect in each marker", many),
        "together": ("alpha at which pairs, effect and power of the plan hold together", many if markers else none),
        "per_biopsy": (
            "Effect that the pairs then expected detect",
            "an anticipated rate that is of each biopsy, both independent",
        ),
    }[level]  # fmt: skip


def _markers(result: Result, known: Mapping[str, Marker]) -> Iterator[Line]:
    ard = result.ard[result.ard.context.isin(["current", "precision"])]
    for code, part in ard.groupby("variable", sort=False):
        by = {str(context): _stats(of) for context, of in part.groupby("context", sort=False)}
        marker, (stats, why) = known[str(code)], by["current"]
        in_unit = [_in_unit(stats[name], marker.log2) for name in ("sd_change", "change", "half_width")]
        if "precision" in by:
            needed, missing = by["precision"]
            # A marker of another unit was not asked about: blank, not missing.
            asked = not missing or missing == why
            in_unit.append(fixed(needed["n"], 0) if asked else "")
        unit = "log2 fold" if marker.log2 else marker.unit
        label = f"{marker.label} ({unit})" if unit else marker.label
        yield label, (*_numbers(stats), "", *in_unit), why, ("PARAMCD", str(code), "")


def _in_unit(value: float, log2: bool) -> str:
    """Return a size of change; of a ratio also the factor that it stands for."""
    text = significant(value)
    return f"{text} (×{significant(2**value)})" if log2 and text != NOT_ESTIMABLE else text


def answer(result: Result, unknown: str) -> str:
    """Return what was asked, solved, in one sentence; `unknown` is the number that was.

    Examples
    --------
    >>> from core.ard import join
    >>> answer(Result("power", "Power", "s", "S", True, "2024-12-31", "", "Safety", "", 0, {}, join([])), "")
    ''
    """
    stats, why = _stats(result.ard[result.ard.context == "power"])
    if not stats:
        return ""
    if why:
        return f"Nothing can be solved: {why}."
    pairs, effect, alpha, power = (
        fixed(stats["n"], 0),
        brief(stats["effect_size"]),
        brief(stats["alpha"]),
        chance(stats["power"]),
    )
    test = f"(two-sided paired t-test, alpha {alpha})"
    return {
        "power": f"{pairs} pairs have {power} power to detect d_z {effect} {test}.",
        "effect_size": f"{pairs} pairs detect d_z {effect} with {power} power {test}.",
        "n": f"{pairs} pairs are needed to detect d_z {effect} with {power} power; they have {chance(stats['power_reached'])} {test}.",
        "alpha": f"{pairs} pairs detect d_z {effect} with {power} power at a two-sided alpha of {alpha} (paired t-test).",
    }[unknown]  # fmt: skip


def claim(result: Result) -> tuple[str, ...]:
    """Return the numbers of the plan side by side, each with the reading that it fits; nothing where none is stated.

    Examples
    --------
    >>> from core.ard import join
    >>> claim(Result("power", "Power", "s", "S", True, "2024-12-31", "", "Safety", "", 0, {}, join([])))
    ()
    """
    ard = result.ard
    told = []
    for level, part in ard[ard.context == "claim"].groupby("variable_level", sort=False):
        stats, why = _stats(part)
        reading = _reading(str(level), stats)[1]
        if not why:
            told.append(f"{_found(str(level), stats)}: fits {reading}.")
    if not told:
        return ()
    plan, _ = _stats(ard[ard.context == "plan"])
    stated = [f"{brief(plan['n'], 6)} evaluable pairs"] if not isnan(plan["n"]) else []
    stated += [f"d_z {brief(plan['effect_size'])}"] if not isnan(plan["effect_size"]) else []
    first = f"study.toml plans {' and '.join(stated)}, {chance(plan['power'])} power and a two-sided alpha of {brief(plan['alpha'])}."
    return (
        f"{first} Each number below is right for its own reading; which one the protocol means is for its authors to say.",
        *told,
    )


def _found(level: str, stats: Stats) -> str:
    pairs, effect, alpha = fixed(stats["n"], 0), brief(stats["effect_size"]), brief(stats["alpha"])
    power, reached = chance(stats["power"]), chance(stats["power_reached"])
    return {
        "detectable": f"{pairs} pairs detect d_z {effect} with {power} power",
        "needed": f"d_z {effect} needs {pairs} pairs ({reached} power)",
        "achieved": f"{pairs} pairs have {power} power for d_z {effect}",
        "family": f"{pairs} pairs detect d_z {effect} with {power} power in each of {fixed(stats['markers'], 0)} markers, at alpha {alpha} each",
        "together": f"{pairs} pairs, d_z {effect} and {power} power hold together at alpha {alpha}",
        "per_biopsy": f"{pairs} pairs, expected if each biopsy fails by itself, detect d_z {effect} with {power} power",
    }[level]  # fmt: skip
