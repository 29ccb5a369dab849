"""Many correlations: from their rows to a layout."""

from typing import Any

import pandas as pd

from core.ard import Result
from core.formats import NOT_ESTIMABLE, confidence_level, fixed, limits, p_value, percentage, significant
from core.tables.change import not_estimable
from core.tables.layout import Column, Layout, Row, subtitle

SHOWN = 300


def correlation_table(result: Result, title: str, adjusted: bool) -> Layout:
    """Return one row a correlation, family by family.

    Parameters
    ----------
    result : Result
        Its `records` hold one row a correlation: family, x_label, x_at, y_label, y_at, n, rho, low, high, p, q,
        exact, share_x, share_y, reason, cell.
    adjusted : bool
        Whether q is shown.
    """
    conf = f"{confidence_level(result.options['conf'])} CI"
    columns = [
        Column("At", align="left"), Column("n"), Column("Below limit, y (%)"), Column("Below limit, x (%)"), Column("rho"),
        Column(conf), Column("p"), *([Column("q")] if adjusted else []), Column("Based on", align="left"),
    ]  # fmt: skip
    rows: list[Row] = []
    family = ""
    for each in result.records.head(SHOWN).itertuples():
        if each.family != family:
            family = each.family
            rows.append(Row(family, ("",) * len(columns)))
        label = f"{each.y_label} against {each.x_label}"
        rows.append(Row(label, _cells(each, adjusted), 1 if family else 0, ("cell", each.cell, "")))
    count = len(result.records)
    more = (
        (f"The first {SHOWN} of {count:,} correlations are drawn; the files hold all of them.",)
        if count > SHOWN
        else ()
    )
    notes = (*more, *not_estimable(rows), *result.notes)
    return Layout(title, subtitle(result), "Correlation", tuple(columns), tuple(rows), notes)


def _cells(of: Any, adjusted: bool) -> tuple[str, ...]:
    at = of.y_at if of.x_at == of.y_at else f"{of.y_at} against {of.x_at}"
    way = {1.0: "exact p", 0.0: "p by t"}.get(of.exact, "")
    why = f"{NOT_ESTIMABLE}: {of.reason}" if pd.isna(of.rho) or pd.isna(of.low) else ""
    shares = [NOT_ESTIMABLE if pd.isna(share) else percentage(share) for share in (of.share_y, of.share_x)]
    q = [p_value(of.q)] if adjusted else []
    return (
        at, fixed(of.n, 0), *shares, significant(of.rho), limits(of.low, of.high), p_value(of.p), *q,
        ", ".join(filter(None, (way, why))),
    )  # fmt: skip
