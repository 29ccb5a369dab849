"""Populations, ends of treatment and study, and exposure: from analysis results to a layout."""

from core.ard import Result
from core.formats import NOT_ESTIMABLE, count_percent, sentence_case, statistic
from core.study import Study
from core.tables.layout import Column, Layout, Row, header, subtitle


def disposition(result: Result, ends: dict[str, str], study: Study) -> Layout:
    """Return one block a variable: n (%) of each level, or the summary of an exposure variable."""
    frame = result.ard
    levels = list(dict.fromkeys(frame.group1_level))
    values = {
        (row.variable, row.variable_level, row.group1_level, row.stat_name): row.stat
        for row in frame.itertuples(index=False)
    }
    exposure = study.disposition.exposure
    rows: list[Row] = []
    for name, group in frame.groupby("variable", sort=False):
        variable = str(name)
        rows.append(Row(exposure.get(variable) or _heading(variable, ends), ("",) * len(levels)))
        if variable in exposure:
            rows += _summary(values, variable, levels)
            continue
        for level in dict.fromkeys(group.variable_level):
            texts = [
                count_percent(values[variable, level, c, "n"], values[variable, level, c, "percent"]) for c in levels
            ]
            label = (
                "Died"
                if variable == "DTHFL"
                else level
                if variable in ("POPULATION", "SPECIMEN")
                else sentence_case(level)
            )
            rows.append(Row(label, tuple(texts), 1, (variable, level, "")))
    columns = tuple(Column(header(level, values["POPULATION", _first(result), level, "N"])) for level in levels)
    notes = ("n (%): subjects, of the column's N.", *result.notes)
    return Layout(result.title, subtitle(result), "", columns, tuple(rows), notes)


def _heading(variable: str, ends: dict[str, str]) -> str:
    headings = {
        "POPULATION": "Populations",
        "DTHFL": "Deaths",
        "SPECIMEN": "Evaluable specimen, by any method, in its window",
    }
    return headings.get(variable) or f"End of {ends[variable].lower()}"


def _first(result: Result) -> str:
    return str(result.ard.variable_level.iloc[0])


def _summary(values: dict[tuple[str, str, str, str], float], variable: str, levels: list[str]) -> list[Row]:
    def text(level: str, *names: str) -> list[str]:
        return [statistic(name, values[variable, "", level, name]) for name in names]

    shown = {
        "n (missing)": [f"{n} ({missing})" for n, missing in (text(level, "n", "n_missing") for level in levels)],
        "Mean (SD)": [f"{mean} ({sd})" for mean, sd in (text(level, "mean", "sd") for level in levels)],
        "Median": [text(level, "median")[0] for level in levels],
        "Min, max": [", ".join(text(level, "min", "max")) for level in levels],
    }
    return [
        Row(
            label,
            tuple(NOT_ESTIMABLE if cell == f"{NOT_ESTIMABLE} ({NOT_ESTIMABLE})" else cell for cell in cells),
            1,
            (variable, "", ""),
        )
        for label, cells in shown.items()
    ]
