"""What lies ahead: from analysis results to layouts and sentences."""

from collections.abc import Mapping
from datetime import date, timedelta
from math import isnan

from core.ard import Result
from core.charts.fan import Words
from core.formats import NOT_ESTIMABLE, chance, confidence_level, counted, fixed, percentage, significant
from core.study import Targets
from core.tables.layout import Column, Layout, Row, subtitle

PAIRS, ACCRUED = "PAIRS", "ACCRUED"
WAITING = ("waiting_baseline", "waiting_follow_up")


class Found:
    """The numbers of a result by context, variable, level and name; what is not there is not estimable."""

    def __init__(self, result: Result, prefix: str = "") -> None:
        ard = result.ard
        keys = zip(ard.context, ard.variable, ard.variable_level, ard.stat_name, strict=True)
        self._stats = dict(zip(keys, ard.stat, strict=True))
        self._why = dict(zip(zip(ard.context, ard.variable, strict=True), ard.warning, strict=True))
        self._prefix, self._cut = prefix, date.fromisoformat(result.data_cut)
        self.conf = confidence_level(result.options["conf"])

    def get(self, context: str, variable: str, name: str, level: str = "") -> float:
        """Return one number."""
        found = self._stats.get((self._prefix + context, variable, level, name))
        return float(self._stats.get((context, variable, level, name), float("nan")) if found is None else found)

    def why(self, context: str, variable: str) -> str:
        """Return why a number of a context is missing."""
        return str(self._why.get((self._prefix + context, variable), ""))

    def between(self, context: str, variable: str, digits: int, level: str = "") -> str:
        """Return two limits as a range."""
        low, high = (self.get(context, variable, name, level) for name in ("conf_low", "conf_high"))
        return NOT_ESTIMABLE if isnan(low) or isnan(high) else f"{fixed(low, digits)} to {fixed(high, digits)}"

    def day(self, variable: str, name: str) -> str:
        """Return a day to come as its date."""
        days = self.get("dates", variable, name)
        return NOT_ESTIMABLE if isnan(days) else (self._cut + timedelta(days=days)).isoformat()

    def days(self, variable: str) -> str:
        """Return between which days a target is reached."""
        low, high = (self.day(variable, name) for name in ("days_low", "days_high"))
        return NOT_ESTIMABLE if NOT_ESTIMABLE in (low, high) else f"{low} to {high}"

    def undecided(self) -> int:
        """Return how many patients are undecided at either stage."""
        return int(sum(self.get("patients", "STATE", "n", state) for state in WAITING))


def forecast_table(result: Result, words: Words) -> Layout:
    """Return what is to be expected, how many to accrue, when, and the rates and patients that this rests on."""
    found = Found(result)
    rows = [*_expected(found, words), *_sure(found, words), *_when(found, words), *_learned(result, found, words)]
    rows.append(_head("Where the patients stand"))
    for state, label in words.states.items():
        n = found.get("patients", "STATE", "n", state)
        about = ("STATE", state, "") if n and state != "to_accrue" and not isnan(n) else ("", "", "")
        rows.append(Row(label, (fixed(n, 0), "", ""), 1, about))
    return Layout(result.title, subtitle(result), "", _columns(found), tuple(rows), result.notes)


def what_if_table(result: Result, words: Words, held: str) -> Layout:
    """Return the same of rates held fixed, which are no forecast; `held` tells them."""
    found = Found(result, "what_if_")
    rows = [*_expected(found, words), *_sure(found, words), *_when(found, words)]
    columns = _columns(found)
    return Layout(f"{result.title}: {held}", subtitle(result), "", columns, tuple(rows), result.notes)


def forecast_answer(result: Result, words: Words) -> str:
    """Return whether the target of pairs will be reached, and when, in a sentence or two."""
    found = Found(result)
    p = found.get("target", PAIRS, "p_target_pairs")
    if isnan(p):
        why = found.why("target", PAIRS)
        return f"There is no forecast of evaluable pairs: {why}. {_dated(found, words)}".rstrip() if why else ""
    in_hand, more = (int(found.get("patients", "STATE", "n", state)) for state in ("pair", "to_accrue"))
    expected, limits = fixed(found.get("target", PAIRS, "expected_pairs"), 1), found.between("target", PAIRS, 0)
    return (
        f"The chance of {words.pairs} evaluable pairs or more with {words.accrual} patients accrued is {chance(p)}: {counted(in_hand, 'is', 'are')} in "
        f"hand, {counted(found.undecided(), 'patient is', 'patients are')} undecided and {counted(more, 'is', 'are')} still to come, so that "
        f"{expected} pairs are expected ({found.conf} predictive interval {limits}). {_dated(found, words)}"
    ).rstrip()


def what_if_answer(result: Result, words: Words, held: str) -> str:
    """Return what rates held fixed would give."""
    found = Found(result, "what_if_")
    p = found.get("target", PAIRS, "p_target_pairs")
    if isnan(p):
        return f"Nothing can be said of a what-if: {found.why('target', PAIRS)}."
    expected, limits = fixed(found.get("target", PAIRS, "expected_pairs"), 1), found.between("target", PAIRS, 0)
    return (
        f"What if, no forecast: with {held}, the chance of {words.pairs} pairs or more is {chance(p)}; {expected} are expected "
        f"({found.conf} interval {limits}). {_dated(found, words)}"
    ).rstrip()


def design_table(result: Result, readings: Mapping[str, str], targets: Targets) -> Layout:
    """Return what the protocol's own numbers imply under both readings of its rate, side by side."""
    found, names = Found(result), list(readings)
    rate = targets.anticipated_evaluable_rate
    title = result.title + (f": if the rate is exactly {rate:g}" if rate else "")
    columns = tuple(Column(f"Success {readings[name]}") for name in names)
    lines = {
        f"Chance of {targets.evaluable} pairs or more with {targets.accrual} accrued": ("p_target_pairs", chance),
        "Pairs on average": ("expected_pairs", lambda value: f"{value:g}"),
        **{
            f"Patients to accrue for {level}%": (f"accrue_for_{level}", lambda value: fixed(value, 0))
            for level in (80, 90, 95)
        },
    }
    rows = tuple(
        Row(label, tuple(reads(found.get("design", PAIRS, stat, name)) for name in names)) for label, (stat, reads) in lines.items()
    )  # fmt: skip
    return Layout(title, f"{result.study_title}: the plan in study.toml.", "", columns, rows, result.notes)


def _columns(found: Found) -> tuple[Column, ...]:
    return Column("Value"), Column(f"{found.conf} interval"), Column("Based on", align="left")


def _head(label: str) -> Row:
    return Row(label, ("",) * 3)


def _expected(found: Found, words: Words) -> list[Row]:
    p, expected = (found.get("target", PAIRS, name) for name in ("p_target_pairs", "expected_pairs"))
    narrower = found.between("predictive_80", PAIRS, 0)
    in_hand, more = (fixed(found.get("patients", "STATE", "n", state), 0) for state in ("pair", "to_accrue"))
    why = found.why("target", PAIRS) if isnan(p) else ""
    basis = why or f"{in_hand} in hand, {found.undecided()} undecided, {more} to be accrued"
    return [
        _head(f"Evaluable pairs with {words.accrual or 'all'} accrued"),
        Row(f"Chance of {words.pairs or 'the target'} or more", (chance(p), "", basis), 1),
        Row(
            "Pairs expected",
            (fixed(expected, 1), found.between("target", PAIRS, 0), why or f"80% interval {narrower}"),
            1,
        ),
    ]


def _sure(found: Found, words: Words) -> list[Row]:
    rows = [_head(f"Patients to accrue in all, for {words.pairs or 'the target of'} pairs or more")]
    for level in (80, 90, 95):
        total = found.get("assurance", PAIRS, f"accrue_for_{level}")
        basis = found.why("assurance", PAIRS) if isnan(total) else _against(total, words)
        rows.append(Row(f"To be {level}% sure", (fixed(total, 0), "", basis), 1))
    return rows


def _against(total: float, words: Words) -> str:
    beyond = int(total) - (words.accrual or 0)
    if words.accrual is None:
        return ""
    return (
        f"{beyond} more than planned"
        if beyond > 0
        else "as planned"
        if beyond == 0
        else f"{-beyond} fewer than planned"
    )


def _when(found: Found, words: Words) -> list[Row]:
    rows = [_head("When")]
    for variable, label in (
        (ACCRUED, f"{words.accrual or 'All'} accrued"),
        (PAIRS, f"{words.pairs or 'Target of'} pairs, if reached"),
    ):
        middle, p = found.get("dates", variable, "days_median"), found.get("dates", variable, "p_reached")
        basis = found.why("dates", variable) if isnan(middle) else "reached" if middle == 0 else "median"
        if variable == PAIRS and middle > 0:
            basis += f", of the {chance(p)} of cases in which it is"
        rows.append(Row(label, (found.day(variable, "days_median"), found.days(variable), basis), 1))
    return rows


def _learned(result: Result, found: Found, words: Words) -> list[Row]:
    """Return both rates and the pace, with what they were learned from and what was believed before."""
    rows = [_head("Rates that this rests on")]
    labels = {"baseline": f"Evaluable at {words.first} (%)", "follow_up": f"Evaluable at {words.second} given that (%)"}
    for level, label in labels.items():
        n, N, mean, low, high = (
            found.get("posterior", "RATE", name, level) for name in ("n", "N", "mean", "conf_low", "conf_high")
        )
        prior = ", ".join(f"{found.get('prior', 'RATE', name, level):g}" for name in ("a", "b"))
        who = "decided" if level == "baseline" else "whose window has closed"
        basis = found.why("posterior", "RATE") or f"{fixed(n, 0)} of {fixed(N, 0)} {who}; prior Beta({prior})"
        limits = NOT_ESTIMABLE if isnan(low) else f"{percentage(100 * low)} to {percentage(100 * high)}"
        rows.append(Row(label, (percentage(100 * mean), limits, basis), 1))
    prior = ", ".join(f"{found.get('prior', 'PACE', name):g}" for name in ("a", "b"))
    paces = dict.fromkeys(result.ard.variable_level[result.ard.context == "pace"])
    for level in paces:
        patients, months, mean = (found.get("pace", "PACE", name, level) for name in ("patients", "months", "mean"))
        time = "all together" if isnan(months) else f"in {significant(months)} months"
        basis = f"{fixed(patients, 0)} patients {time}; prior Gamma({prior})"
        label = f"Patients a month: {level}" if level else "Patients a month"
        rows.append(Row(label, (fixed(mean, 2), found.between("pace", "PACE", 2, level), basis), 1))
    return rows


def _dated(found: Found, words: Words) -> str:
    """Say when both targets are reached, if they are."""
    told = []
    for variable, count, what in ((ACCRUED, words.accrual, "accrued"), (PAIRS, words.pairs, "pairs")):
        middle = found.get("dates", variable, "days_median")
        if isnan(middle) or found.days(variable) == NOT_ESTIMABLE:
            continue
        if middle == 0:
            told.append(f"{count} {what}: reached")
            continue
        when = f"about {found.day(variable, 'days_median')} ({found.conf} interval {found.days(variable)})"
        told.append(
            f"{count} {what} by {when}" if variable == ACCRUED else f"if it gets there, {count} {what} by {when}"
        )
    text = "; ".join(told)
    return f"{text[:1].upper()}{text[1:]}." if text else ""
