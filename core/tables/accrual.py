"""Accrual, evaluability and what tells patients with a pair from those without: from analysis results to layouts."""

from collections.abc import Mapping
from math import isnan

from core.ard import Result
from core.formats import NOT_COLLECTED, count_percent, fixed, percentage
from core.tables.layout import Column, Layout, Row, header, subtitle

TOTAL = "Total"


class Cells:
    """The numbers of a result by what they are about; what is not there is not estimable."""

    def __init__(self, result: Result) -> None:
        ard = result.ard
        keys = zip(ard.variable, ard.variable_level, ard.group2_level, ard.group1_level, ard.context, ard.stat_name, strict=True)  # fmt: skip
        self._stats = dict(zip(keys, ard.stat, strict=True))
        self.levels = list(dict.fromkeys(ard.group1_level[ard.context == ""])) or [TOTAL]

    def get(self, variable: str, level: str, name: str, group: str = TOTAL, context: str = "", at: str = "") -> float:
        """Return one number."""
        return float(self._stats.get((variable, level, at, group, context, name), float("nan")))

    def share(self, variable: str, level: str, group: str) -> str:
        """Return a count and its share of those in the column."""
        n = self.get(variable, level, "n", group)
        return NOT_COLLECTED if isnan(n) else count_percent(n, self.get(variable, level, "percent", group))


def accrual_table(result: Result, steps: Mapping[str, str]) -> Layout:
    """Return the steps from accrual to pairs against their targets, and registrations month by month.

    Parameters
    ----------
    result : Result
        Of the output accrual.
    steps : mapping
        Step -> how it reads.
    """
    cells = Cells(result)
    heads = [header(level, cells.get("STEP", "accrued", "n", level)) for level in cells.levels]
    columns = (*(Column(head) for head in heads), Column("Of the target"))
    rows = [Row("Patients, n (%)", ("",) * len(columns))]
    for step, label in steps.items():
        shares = [cells.share("STEP", step, level) for level in cells.levels]
        rows.append(Row(label, (*shares, _of_target(cells, step)), 1, ("STEP", step, "")))
    ard = result.ard[(result.ard.variable == "MONTH") & (result.ard.context == "")]
    months = list(dict.fromkeys(ard.variable_level))
    if months:
        rows.append(Row("Registered in the month (by its end)", (*("",) * len(heads), "Planned by its end")))
    for month in months:
        counts = [
            f"{fixed(cells.get('MONTH', month, 'n', level), 0)} ({fixed(cells.get('MONTH', month, 'cumulative', level), 0)})"
            for level in cells.levels
        ]
        planned = cells.get("MONTH", month, "planned", context="plan")
        rows.append(Row(month, (*counts, "" if isnan(planned) else fixed(planned, 1)), 1, ("MONTH", month, "")))
    return Layout(result.title, subtitle(result), "", columns, tuple(rows), result.notes)


def _of_target(cells: Cells, step: str) -> str:
    target, percent = (cells.get("STEP", step, name, context="target") for name in ("target", "percent"))
    if isnan(target):
        return ""
    return fixed(target, 0) if isnan(percent) else f"{percentage(percent)}% of {fixed(target, 0)}"
