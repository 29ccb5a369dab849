"""What lies ahead as a fan: what is in hand, the median to come, and between how many 80 and 95 % of the cases lie."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from core.ard import Result
from core.charts import theme
from core.charts.accrual import days, target_line
from core.charts.caption import confidence
from core.charts.parts import chosen, data, heading, hover, lit, nothing
from core.charts.wide import wide
from core.formats import chance, fixed, within_sentence

if TYPE_CHECKING:
    import altair as alt

HEIGHT = 320
BANDS_TOLD = "Bands: 80% (dark) and 95% (light) of the cases; line: the median; dots: so far"
BANDS = ((95, theme.DIVERGING[2]), (80, theme.DIVERGING[1]))


@dataclass(frozen=True)
class Words:
    """The targets, and how the two timepoints are called."""

    accrual: int | None
    pairs: int | None
    first: str
    second: str

    @property
    def states(self) -> dict[str, str]:
        """Where a patient can stand, and how it reads."""
        return {
            "accrued": "Accrued",
            "pair": "Evaluable pair",
            "failed_baseline": f"Failed at {self.first}",
            "failed_follow_up": f"Failed at {self.second}, not at {self.first}",
            "waiting_baseline": f"Undecided at {self.first}",
            "waiting_follow_up": f"Evaluable at {self.first}, undecided at {self.second}",
            "to_accrue": "To be accrued",
        }


@dataclass(frozen=True)
class Kind:
    """What a fan is of: the variable of its results, the day of a patient that counts, and its words."""

    variable: str
    day: str
    axis: str
    title: str


PAIRS = Kind("PAIRS", "paired", "Evaluable pairs", "Evaluable pairs, so far and ahead")
PATIENTS = Kind("ACCRUED", "registered", "Patients accrued", "Patients accrued, so far and ahead")


def pairs(result: Result, words: Words, prefix: str = "", held: str = "") -> "alt.LayerChart":
    """Draw the pairs in hand and those to come, against the target.

    Parameters
    ----------
    result : Result
        Of the output forecast, or of what_if.
    words : Words
        The targets.
    prefix, held : str
        Of a what-if, the prefix of its contexts, and at what its rates are held.

    Returns
    -------
    alt.LayerChart
        A dot is a patient with a pair; a click chooses one: the selection "chosen" on USUBJID.

    Examples
    --------
    >>> from core.ard import join
    >>> result = Result("x", "F", "s", "S", True, "2024-12-31", "", "All", "", 0, {}, join([]))
    >>> pairs(result, Words(60, 30, "Baseline", "Week 9")).to_dict()["params"][0]["select"]["fields"]
    ['USUBJID']
    """
    return _fan(result, PAIRS, words.pairs, prefix, held)


def patients(result: Result, words: Words, prefix: str = "", held: str = "") -> "alt.LayerChart":
    """Draw the patients accrued and those to come, against the target; see `pairs`.

    Parameters
    ----------
    result : Result
        Of the output forecast, or of what_if.
    words : Words
        The targets.
    prefix, held : str
        Of a what-if, the prefix of its contexts, and at what its rates are held.

    Examples
    --------
    >>> from core.ard import join
    >>> result = Result("x", "F", "s", "S", True, "2024-12-31", "", "All", "", 0, {}, join([]))
    >>> patients(result, Words(60, 30, "Baseline", "Week 9")).to_dict()["title"]["text"]
    ['Patients accrued, so far and ahead']
    """
    return _fan(result, PATIENTS, words.accrual, prefix, held)


def _fan(result: Result, kind: Kind, target: int | None, prefix: str, held: str) -> "alt.LayerChart":
    import altair as alt

    title = f"What if: {within_sentence(kind.title)}" if prefix else kind.title
    ahead = _ahead(result, kind, prefix)
    past = _past(result, kind)
    if ahead.empty:
        return nothing(result, title, "USUBJID", _why(result, kind, prefix))
    top = float(np.nanmax([ahead.high_95.max(), target or 0, 1])) * 1.07
    y = alt.Y("n:Q", title=kind.axis, scale=alt.Scale(domain=[0, top], nice=False), axis=alt.Axis(tickMinStep=1))
    choice = chosen("USUBJID")
    bands = [
        alt.Chart(data(ahead)).mark_area(color=shade, interpolate="step-after").encode(
            x=days("date"), y=alt.Y(f"low_{level}:Q", title=kind.axis), y2=f"high_{level}:Q"
        )
        for level, shade in BANDS
    ]  # fmt: skip
    line = alt.Chart(data(ahead.assign(n=ahead["median"]))).encode(x=days("date"), y=y)
    told = {
        "date": "By",
        "median": "Median",
        "likely": "80% between",
        "wide": "95% between",
        "p": f"Chance of {target}",
    }
    tips = hover({field: head for field, head in told.items() if field != "p" or target})
    layers = [
        *bands, line.mark_line(color=theme.LEVELS[0], strokeWidth=2, interpolate="step-after"),
        line.mark_point(size=28, opacity=0.001, filled=True).encode(tooltip=tips),
    ]  # fmt: skip
    if len(past):
        drawn = alt.Chart(data(past)).encode(x=days("date"), y=y)
        layers.append(drawn.mark_line(color=theme.INK, strokeWidth=2, interpolate="step-after"))
        dots = alt.Chart(data(past[past.USUBJID != ""])).mark_point(filled=True, size=34, cursor="pointer").encode(
            x=days("date"), y=y, fill=alt.value(theme.INK), opacity=lit(choice, theme.FADED),
            tooltip=[alt.Tooltip("USUBJID:N", title="Patient"), alt.Tooltip("date:N", title="Day"), alt.Tooltip("n:Q", title=kind.axis)],
        )  # fmt: skip
        layers.append(dots)
    cut = alt.Chart(alt.InlineData(values=[{"date": result.data_cut}])).mark_rule(color=theme.RULE, strokeWidth=1.5)
    layers.insert(0, cut.encode(x=days("date")))
    if target:
        begin = past.date.min() if len(past) else result.data_cut
        layers += target_line(float(target), f"Target {target}", begin, y)
    notes = (held or _summary(result, kind, target), BANDS_TOLD)
    text = heading(result, title, *notes)
    chart = alt.LayerChart(layer=[layers[0].add_params(choice), *layers[1:]])
    return theme.themed(chart.properties(width=theme.WIDEST, height=HEIGHT, title=text))


def _ahead(result: Result, kind: Kind, prefix: str) -> pd.DataFrame:
    """Return one row per day ahead."""
    ard = result.ard[(result.ard.context == f"{prefix}by_date") & (result.ard.variable == kind.variable)]
    if ard.empty:
        return pd.DataFrame()
    found = wide(ard, date="group2_level")
    between = {name: [f"{fixed(low, 0)} and {fixed(high, 0)}" for low, high in zip(found[f"low_{level}"], found[f"high_{level}"], strict=True)]
               for name, level in (("likely", 80), ("wide", 95))}  # fmt: skip
    return found.assign(**between, p=[chance(each) for each in found.p_target])


def _past(result: Result, kind: Kind) -> pd.DataFrame:
    """Return one row per patient in the order of days, and the data cut; who has no day counts from the first day on."""
    if result.records.empty:
        return pd.DataFrame(columns=["USUBJID", "date", "n"])
    counted = result.records.state == "evaluable pair" if kind is PAIRS else pd.Series(True, result.records.index)
    here = result.records[counted].sort_values([kind.day, "USUBJID"], kind="stable")
    dated = here[here[kind.day].notna()]
    before = len(here) - len(dated)
    steps = pd.DataFrame(
        {
            "USUBJID": dated.USUBJID,
            "date": dated[kind.day].dt.strftime("%Y-%m-%d"),
            "n": before + np.arange(1, len(dated) + 1),
        }
    )
    end = pd.DataFrame({"USUBJID": [""], "date": [result.data_cut], "n": [len(here)]})
    return pd.concat([steps, end], ignore_index=True)


def _summary(result: Result, kind: Kind, target: int | None) -> str:
    """Return what is to be expected of pairs in the end, as it stands over the figure."""
    ard = result.ard[result.ard.context == "target"]
    stat = dict(zip(ard.stat_name, ard.stat, strict=True))
    if kind is not PAIRS or np.isnan(stat["p_target_pairs"]):
        return ""
    low, high = (fixed(stat[name], 0) for name in ("conf_low", "conf_high"))
    expected = f"expected {fixed(stat['expected_pairs'], 1)} ({confidence(result).removesuffix(' CI')} predictive interval {low} to {high})"
    return f"In the end: chance of {target} or more {chance(stat['p_target_pairs'])}; {expected}"


def _why(result: Result, kind: Kind, prefix: str) -> str:
    ard = result.ard[(result.ard.context == f"{prefix}dates") & (result.ard.variable == kind.variable)]
    reasons = [str(why) for why in ard.warning if why]
    return f"Nothing ahead to draw: {reasons[0]}." if reasons else "Nothing ahead to draw."
