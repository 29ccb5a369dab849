"""The change of one marker: from analysis results to a layout."""

from math import isnan

import pandas as pd

from core.ard import Result
from core.charts.pairs import Compared
from core.formats import (
    NOT_ESTIMABLE,
    RULES,
    TESTS,
    confidence_level,
    count_percent,
    counted,
    fixed,
    limits,
    p_text,
    p_value,
    significant,
    within_sentence,
)
from core.study import Study
from core.tables.layout import Column, Layout, Row, header, subtitle


class Numbers:
    """The statistics of one group, by context and name; what is not there is not estimable."""

    def __init__(self, ard: pd.DataFrame, ratio: bool = False) -> None:
        self._ratio = ratio
        keys = list(zip(ard.context, ard.group2_level, ard.stat_name, strict=True))
        self._stats = dict(zip(keys, ard.stat, strict=True))
        self._why = {context: why for (context, *_), why in zip(keys, ard.warning, strict=True) if why}

    def get(self, context: str, name: str, at: str = "") -> float:
        """Return one number."""
        return float(self._stats.get((context, at, name), float("nan")))

    def text(self, context: str, name: str, at: str = "") -> str:
        """Return one number to three significant digits."""
        return significant(self.get(context, name, at))

    def change(self, context: str, name: str) -> float:
        """Return a change; of log2 changes the ratio that it stands for."""
        value = self.get(context, name)
        return 2**value if self._ratio else value

    def change_text(self, context: str, name: str) -> str:
        """Return the same as it reads."""
        text = significant(self.change(context, name))
        return f"× {text}" if self._ratio and text != NOT_ESTIMABLE else text

    def change_limits(self, context: str, low: str, high: str) -> str:
        """Return two limits of a change."""
        return limits(self.change(context, low), self.change(context, high))

    def interval(self, context: str, at: str = "") -> str:
        """Return the limits of a statistic."""
        return limits(self.get(context, "conf_low", at), self.get(context, "conf_high", at))

    def why(self, *contexts: str) -> str:
        """Return why something of these contexts is not estimable, as it is put behind a basis."""
        reasons = dict.fromkeys(self._why[context] for context in contexts if context in self._why)
        return f"; {NOT_ESTIMABLE}: {'; '.join(reasons)}" if reasons else ""

    def count(self, context: str, name: str, at: str = "") -> str:
        """Return one count."""
        return fixed(self.get(context, name, at), 0)


def change_table(result: Result, words: Compared, study: Study) -> Layout:
    """Return values, tests, sizes and checks, group under group.

    Every row is an estimate, its interval, its p and what they are based on.
    """
    conf = f"{confidence_level(result.options['conf'])} CI"
    columns = (Column("Estimate"), Column(conf), Column("p"), Column("Based on", align="left"))
    rows: list[Row] = []
    for level, ard in result.ard.groupby("group1_level", sort=False):
        numbers = Numbers(ard, words.scale == "log2")
        if words.group_label:
            pairs, on_view = numbers.count("pairs", "n_pairs"), numbers.get("pairs", "N")
            rows.append(_head(f"{header(f'{words.group_label}: {level}', on_view)}, {pairs} pairs"))
        blocks = (_values, _tests, _sizes, _leaning, _below)
        rows += [row for block in blocks for row in block(numbers, words, result, study)]
    title = f"{words.label}: {words.earlier} to {words.later}"
    return Layout(title, subtitle(result), "", columns, tuple(rows), (*not_estimable(rows), *result.notes))


def not_estimable(rows: list[Row]) -> tuple[str, ...]:
    """Spell out the short form where a table has it."""
    found = any(NOT_ESTIMABLE in cell for row in rows for cell in row.cells)
    return (
        (f"{NOT_ESTIMABLE}: not estimable; the reason stands beside it or in the exported results.",) if found else ()
    )


def answer(result: Result, words: Compared, study: Study) -> str:
    """Return what the pre-specified test found, in one sentence; of a split comparison, group by group."""
    told = []
    for level, ard in result.ard.groupby("group1_level", sort=False):
        numbers = Numbers(ard, words.scale == "log2")
        sentence = _answer(numbers, words, study.design.test, float(result.options["conf"]))
        told.append(f"{words.group_label}, {level}: {within_sentence(sentence)}" if words.group_label else sentence)
    return " ".join(told) + (" Exploratory." if result.unplanned else "")


def _answer(numbers: Numbers, words: Compared, test: str, conf: float) -> str:
    n = counted(int(numbers.get("pairs", "n_pairs")), "pair")
    ratio = words.scale == "log2"
    context = {"paired_t": ("paired_t", "fold_change"), "wilcoxon": ("hodges_lehmann", "fold_shift")}[test][ratio]
    estimate = numbers.get(context, "mean_change" if context == "paired_t" else "estimate")
    p = numbers.get(test, "p_value")
    what = "mean" if test == "paired_t" else "Hodges-Lehmann"
    size = (
        f"{what} fold change × {significant(estimate)}"
        if ratio
        else f"{what} change {significant(estimate)}{_unit(words, ' ')}"
    )
    if isnan(estimate) or isnan(p):
        return f"{n}: {_without_test(numbers, size if not isnan(estimate) else '', test, context)}."
    return f"{n}: {size} ({confidence_level(conf)} CI {numbers.interval(context)}), {TESTS[test]} {p_text(p)}."


def _without_test(numbers: Numbers, size: str, test: str, context: str) -> str:
    """Return what can be said where the pre-specified test cannot be made, and why it cannot."""
    why = numbers.why(test, context).removeprefix(f"; {NOT_ESTIMABLE}: ")
    told = f"{size}, without a test" if size else "a change cannot be estimated"
    told += f" ({why})" if why else ""
    signs = numbers.get("sign_test", "p_value")
    return told if size or isnan(signs) else f"{told}; sign test {p_text(signs)}"


def _unit(words: Compared, form: str = "") -> str:
    return "" if not words.unit else f"{form}{words.unit}" if form else f" ({words.unit})"


def _head(label: str) -> Row:
    return Row(label, ("",) * 4)


def _values(numbers: Numbers, words: Compared, _: Result, __: Study) -> list[Row]:
    rows = [_head(f"Values of the pairs{_unit(words)}")]
    for at in (words.earlier, words.later):
        of = {name: numbers.text("summary", name, at) for name in ("sd", "median", "q1", "q3", "min", "max")}
        below = count_percent(numbers.get("below_limit", "n_below", at), numbers.get("below_limit", "percent", at), "%")
        basis = [
            f"n = {numbers.count('summary', 'n', at)}, SD {of['sd']}, median {of['median']} (quartiles {of['q1']} to {of['q3']})",
            f"{of['min']} to {of['max']}",
            f"below the limit {below}",
        ]
        if words.scale == "log2":
            mean, cv = (numbers.text("summary", f"geometric_{name}", at) for name in ("mean", "cv"))
            basis.insert(1, f"geometric mean {mean} (CV {cv}%)")
        estimate = numbers.text("summary", "mean", at)
        rows.append(Row(f"Mean at {at}", (estimate, numbers.interval("summary", at), "", ", ".join(basis)), 1))
    return rows


def _tests(numbers: Numbers, words: Compared, result: Result, study: Study) -> list[Row]:
    fold = "fold change" if words.scale == "log2" else "change"
    rose, fell = (numbers.count("sign_test", name) for name in ("n_positive", "n_negative"))
    draws = numbers.get("permutation", "draws")
    return [
        _head(f"Change: {words.later} {'/' if words.scale == 'log2' else '−'} {words.earlier}{_unit(words) if words.scale == 'raw' else ''}"),
        _test(
            f"Mean {fold}, paired t-test{role('paired_t', result, study)}", "paired_t", "mean_change", "paired_t", numbers,
            _student(numbers, words) + numbers.why("paired_t"),
        ),
        _test(
            f"Hodges-Lehmann {fold}, signed-rank test{role('wilcoxon', result, study)}", "hodges_lehmann", "estimate", "wilcoxon",
            numbers, _ranks(numbers, result.options["zeros"] == "pratt") + numbers.why("wilcoxon", "hodges_lehmann"),
        ),
        _test(
            f"Median {fold}, bootstrap (exploratory)", "bootstrap_median", "estimate", "", numbers,
            "interval corrected for bias and acceleration" + numbers.why("bootstrap_median"),
        ),
        _test("Sign test (exploratory)", "", "", "sign_test", numbers, f"{rose} rose, {fell} fell{numbers.why('sign_test')}"),
        _test(
            "Permutation of signs, mean change (exploratory)", "", "", "permutation", numbers,
            NOT_ESTIMABLE if isnan(draws) else f"{draws:,.0f} patterns of signs",
        ),
    ]  # fmt: skip


def _test(label: str, context: str, name: str, test: str, numbers: Numbers, basis: str) -> Row:
    """Return one row: an estimate and its interval, where there is one, and a p, where there is one."""
    estimate = numbers.change_text(context, name) if context else ""
    interval = numbers.change_limits(context, "conf_low", "conf_high") if context else ""
    return Row(label, (estimate, interval, p_value(numbers.get(test, "p_value")) if test else "", basis), 1)


def role(test: str, result: Result, study: Study) -> str:
    """Return what a test is in this very result: pre-specified, in the protocol, or exploratory."""
    design = study.design
    if result.unplanned:
        return " (exploratory)"
    role = "pre-specified" if test == design.test else "in the protocol" if test in design.supporting else "exploratory"
    return f" ({role})"


def _student(numbers: Numbers, words: Compared) -> str:
    df, n = (numbers.count("paired_t", name) for name in ("df", "n"))
    scale = " (log2)" if words.scale == "log2" else ""
    return (
        f"t = {numbers.text('paired_t', 't')}, {df} degree{'' if df == '1' else 's'} of freedom, n = {n}, "
        f"SD of changes {numbers.text('paired_t', 'sd_change')}{scale}"
    )


def _ranks(numbers: Numbers, pratt: bool) -> str:
    plus, minus = (numbers.text("wilcoxon", name) for name in ("w_plus", "w_minus"))
    n, zero, tied = (numbers.count("wilcoxon", name) for name in ("n", "n_zero", "n_tied"))
    way = "ranked, then dropped (Pratt)" if pratt else "dropped"
    exact, coverage = numbers.get("wilcoxon", "exact"), numbers.get("hodges_lehmann", "coverage")
    source = NOT_ESTIMABLE if isnan(exact) else "exact p" if exact else "normal approximation"
    told = [
        f"W+ = {plus}, W− = {minus}", f"n = {n}", f"{zero} zero {way}", f"{tied} tied", source,
        f"least p attainable {p_value(numbers.get('wilcoxon', 'p_attainable'))}",
    ]  # fmt: skip
    if not isnan(coverage):
        least = "at least " if numbers.get("wilcoxon", "n_tied") else ""
        told.append(f"interval covers {least}{fixed(100 * coverage, 1)}%")
    return ", ".join(told)


def _sizes(numbers: Numbers, _: Compared, __: Result, ___: Study) -> list[Row]:
    names = {
        "d_z": ("Standardised mean change, d_z", "mean / SD of changes, noncentral t interval"),
        "g_z": ("The same, corrected for small samples, g_z", "Hedges' correction"),
        "rank_biserial": ("Matched-pairs rank-biserial correlation", "−1 all fall, 1 all rise"),
    }
    rows = [
        Row(label, (numbers.text(context, "estimate"), numbers.interval(context), "", basis + numbers.why(context)), 1)
        for context, (label, basis) in names.items()
    ]
    return [_head("Size of the change, without unit"), *rows]


def _leaning(numbers: Numbers, words: Compared, _: Result, study: Study) -> list[Row]:
    low, high = (numbers.get("leave_one_out", f"p_{end}") for end in ("low", "high"))
    estimate = "mean" if study.design.test == "paired_t" else "Hodges-Lehmann estimate"
    ends = numbers.change_limits("leave_one_out", "estimate_low", "estimate_high")
    p = NOT_ESTIMABLE if isnan(low) else f"{p_value(low)} to {p_value(high)}"
    fold = " as a fold change" if words.scale == "log2" else ""
    normal = "information only: the pre-specified test stays" + numbers.why("shapiro")
    return [
        _head("What it leans on"),
        Row("Each subject left out in turn", (ends, "", p, f"least and greatest {estimate}{fold}, and p"), 1),
        Row("Shapiro-Wilk test of normal changes", (numbers.text("shapiro", "w"), "", p_value(numbers.get("shapiro", "p_value")), normal), 1),
        Row("Skewness of the changes", (numbers.text("skewness", "estimate"), "", "", "0 when symmetrical"), 1),
    ]  # fmt: skip


def _below(numbers: Numbers, words: Compared, result: Result, study: Study) -> list[Row]:
    states = {
        "both_measured": "both measured", "fell_below": "fell below", "rose_above": "rose above", "both_below": "both below",
    }  # fmt: skip
    told = ", ".join(f"{numbers.count('pair_states', name)} {text}" for name, text in states.items())
    fold = "fold change" if words.scale == "log2" else "change"
    test = (
        f"mean {fold} and paired t-test"
        if study.design.test == "paired_t"
        else f"Hodges-Lehmann {fold} and signed-rank test"
    )
    rows = [_head(f"Under every rule for values below the limit: {test}"), Row("Pairs", ("", "", "", told), 1)]
    for rule, label in RULES.items():
        chosen = " (chosen)" if rule == result.options["blq"] else ""
        context = f"blq_{rule}"
        p = p_value(numbers.get(context, "p_value"))
        basis = f"n = {numbers.count(context, 'n')}{chosen}{numbers.why(context)}"
        rows.append(Row(label, (numbers.change_text(context, "estimate"), "", p, basis), 1))
    return rows
