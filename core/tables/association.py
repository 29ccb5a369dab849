"""Two measures together: from analysis results to a layout."""

from math import isnan

from core.ard import Result
from core.charts.scatter import Axis
from core.formats import (
    NOT_ESTIMABLE,
    confidence_level,
    count_percent,
    counted,
    fixed,
    limits,
    p_text,
    p_value,
    significant,
)
from core.study import Study
from core.tables.change import not_estimable
from core.tables.layout import Column, Layout, Row, subtitle

Stats = dict[str, float]


def association_table(result: Result, x: Axis, y: Axis, study: Study) -> Layout:
    """Return the correlations, what they lean on, and the values of both axes."""
    conf = f"{confidence_level(result.options['conf'])} CI"
    columns = (Column("Estimate"), Column(conf), Column("p"), Column("Based on", align="left"))
    rows: list[Row] = []
    if len(result.ard):
        rows = [*_correlations(result, study), *_values(result, x, y)]
    return Layout(
        f"{y.name} against {x.name}", subtitle(result), "", columns, tuple(rows), (*not_estimable(rows), *result.notes)
    )


def answer(result: Result, x: Axis, y: Axis) -> str:
    """Return what was found, in one sentence."""
    pairs, rho = (_stats(result, context) for context in ("pairs", "spearman"))
    n = counted(int(pairs["n_pairs"]), "subject")
    about = f"{y.name} against {x.name}, {n}"
    if isnan(rho["rho"]):
        return f"{about}: no correlation can be given ({_why(result, 'spearman')})."
    low, high = rho["conf_low"], rho["conf_high"]
    conf = f"{confidence_level(result.options['conf'])} CI"
    interval = f"no {conf}" if isnan(low) else f"{conf} {limits(low, high)}"
    told = f"{about}: Spearman rho {significant(rho['rho'])} ({interval}), {p_text(rho['p_value'])}."
    return told + (" Exploratory." if result.unplanned else "")


def _stats(result: Result, context: str, variable: str = "", at: str = "") -> Stats:
    ard = result.ard[result.ard.context == context]
    if variable:
        ard = ard[(ard.variable == variable) & (ard.variable_level == at)]
    return dict(zip(ard.stat_name, ard.stat, strict=True))


def _why(result: Result, context: str) -> str:
    warnings = result.ard.warning[(result.ard.context == context) & (result.ard.warning != "")]
    return "; ".join(dict.fromkeys(warnings))


def _correlations(result: Result, study: Study) -> list[Row]:
    role = " (exploratory)" if result.unplanned else " (planned)" if study.association.sets else ""
    rows = [Row("Correlation", ("",) * 4), _row(result, "spearman", "rho", f"Spearman's rho{role}")]
    rows.append(_row(result, "kendall", "tau_b", "Kendall's tau-b (second opinion)"))
    if "partial_spearman" in set(result.ard.context):
        rows.append(_row(result, "partial_spearman", "rho", f"Spearman's rho adjusted for {result.options['adjust']}"))
    if "pearson_log" in set(result.ard.context):
        rows.append(_row(result, "pearson_log", "r", "Pearson's r of logarithms"))
    left = _stats(result, "leave_one_out")
    if left:
        p = NOT_ESTIMABLE if isnan(left["p_low"]) else f"{p_value(left['p_low'])} to {p_value(left['p_high'])}"
        ends = limits(left["estimate_low"], left["estimate_high"])
        rows.append(Row("Each subject left out in turn", (ends, "", p, "least and greatest rho, and p"), 1))
    return rows


def _row(result: Result, context: str, name: str, label: str) -> Row:
    stats = _stats(result, context)
    basis = [f"n = {fixed(stats['n'], 0)}"]
    if not isnan(stats.get("exact", float("nan"))) and not isnan(stats["p_value"]):
        basis.append("exact p" if stats["exact"] else "normal curve, for ties" if context == "kendall" else "p by t")
    why = _why(result, context)
    basis += [f"{NOT_ESTIMABLE}: {why}"] if why else []
    interval = limits(stats["conf_low"], stats["conf_high"]) if "conf_low" in stats else ""
    return Row(label, (significant(stats[name]), interval, p_value(stats["p_value"]), ", ".join(basis)), 1)


def _values(result: Result, x: Axis, y: Axis) -> list[Row]:
    rows = [Row("Values of the pairs", ("",) * 4)]
    for name, axis in (("x", x), ("y", y)):
        key = (str(result.options[name]), str(result.options[f"{name}_at"]))
        stats, below = _stats(result, "summary", *key), _stats(result, "below_limit", *key)
        text = {each: significant(stats[each]) for each in ("median", "q1", "q3", "min", "max")}
        share = count_percent(below["n_below"], below["percent"], "%")
        basis = (
            f"n = {fixed(stats['n'], 0)}, quartiles {text['q1']} to {text['q3']}, {text['min']} to {text['max']}, "
            f"below the limit {share}"
        )
        rows.append(Row(f"Median of {axis.title}", (text["median"], "", "", basis), 1))
    return rows
