"""From which category at baseline to which after it: the shift table of any ordered parameter."""

from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from core.ard import Result, grid, join
from core.data import Data
from core.errors import OptionError
from core.outputs import ordered
from core.outputs.catalogue import COLUMNS, CONF, Answer, Figure, Option, Options, Output, group_name
from core.outputs.incidence import EMPTY_COLUMN
from core.outputs.ordered import AFTER, BETTER, MISSING, Ordered, Standing
from core.stats.proportion import proportion
from core.study import Population
from core.tables.layout import Layout

if TYPE_CHECKING:
    import altair as alt

Floats = NDArray[np.float64]
PERIOD = "APERIODC"
WHEN = {"worst": "Worst after baseline", "best": "Best after baseline", "last": "Last after baseline"}
PAIRS = {"AVAL": "BASE", "ANRIND": "BNRIND", "ATOXGR": "BTOXGR", "ATOXGRN": "BTOXGRN"}
"""Variables that hold categories, and those of their baselines."""


class Block(NamedTuple):
    """One table of baseline by what came after: its ARD key, and which values count."""

    group2: str
    label: str
    period: int
    visit: str


def _usual_variable(data: Data) -> str:
    dataset = ordered.usual_dataset(data)
    return "ANRIND" if dataset != ordered.DATASET and "ANRIND" in data.schema.get(dataset, {}) else "AVAL"


def _usual_time(data: Data) -> str:
    kinds = data.schema.get(ordered.usual_dataset(data), {})
    return "worst" if kinds.get(_usual_variable(data)) == "DOUBLE" else "last"


def _variables(data: Data, names: Mapping[str, str]) -> dict[str, str]:
    there = data.schema.get(ordered.usual_dataset(data), {})
    return {name: label for name, label in names.items() if name in there}


def _times(data: Data) -> dict[str, str]:
    times = {name: label.split()[0] for name, label in WHEN.items()} | {"period": "Each period"}
    return times | {visit: visit for visit in ordered.visits(data, ordered.usual_dataset(data))}


def _known_code(data: Data, value: str) -> bool:
    return any(value in ordered.parameters(data, name) for name in ordered.datasets(data))


def _known_visit(data: Data, value: str) -> bool:
    return any(value in ordered.visits(data, name) for name in ordered.datasets(data))


def _known_variable(data: Data, value: str) -> bool:
    return any(value in data.schema[name] for name in ordered.datasets(data))


DATASET = Option(
    "dataset", "Dataset", "", choices=lambda data: {name: name for name in ordered.datasets(data)},
    of_study=ordered.usual_dataset, help="Where the parameter stands.", on_page=False,
)  # fmt: skip
PARAMCD = Option(
    "PARAMCD", "Parameter", "", choices=lambda data: ordered.parameters(data, ordered.usual_dataset(data)),
    accepts=_known_code, of_study=lambda data: ordered.usual_parameter(data, ordered.usual_dataset(data)),
    help="An ordered category, such as performance status or an indicator of a reference range.", wide=True, control="score",
)  # fmt: skip
VARIABLE = Option(
    "variable", "Variable", "", choices=lambda data: _variables(data, {name: name for name in PAIRS}),
    accepts=_known_variable, of_study=_usual_variable, help="Holds the category after baseline.", on_page=False,
)  # fmt: skip
BASELINE = Option(
    "baseline", "Baseline variable", "", choices=lambda data: _variables(data, {name: name for name in PAIRS.values()}),
    accepts=_known_variable, of_study=lambda data: PAIRS[_usual_variable(data)],
    help="Holds the category at baseline, beside every record.", on_page=False,
)  # fmt: skip
AT = Option(
    "at", "After baseline", "", choices=_times, accepts=_known_visit, of_study=_usual_time,
    help="The worst, best or last value after baseline, the last of each period, or the value of one visit.",
)  # fmt: skip


def compute(data: Data, population: Population, options: Options) -> Answer:
    """Count the subjects on view in each cell of baseline by what came after, block by block."""
    if not options["dataset"]:
        return Answer(
            join([]), ["This study has no dataset of parameters (such as ADQS), so there is nothing to show here."]
        )
    at, by = str(options["at"]), str(options["columns"])
    _fit(data, options)
    found = ordered.read(data, population, options)
    if at in ("worst", "best") and not found.numeric:
        raise OptionError(
            f"at={at} needs numbers in order, and {options['variable']} holds text; use at=last, at=period or a visit."
        )
    columns = data.ask("columns", population, by)
    members = data.ask("column_member", population, by)
    categories = (*found.categories, MISSING)
    wanted = list(_blocks(data, at))
    n = np.stack([
        np.stack([
            _cells(found, _stands(data, found, block, options, part.period), part.subject_code, categories)
            for part in _members(members, columns)
        ])
        for block in wanted
    ])  # fmt: skip
    standings = {block.label: _stands(data, found, block, options) for block in wanted}
    records = [_records(found, block, standings[block.label]) for block in wanted]
    ard = _ard(n, columns, wanted, categories, options)
    return Answer(ard, _notes(found, standings, options), pd.concat(records, ignore_index=True))


def _fit(data: Data, options: Options) -> None:
    """Raise OptionError when the time asked for does not go with the dataset or with the columns."""
    at, dataset = str(options["at"]), str(options["dataset"])
    if at == "period" and options["columns"] == PERIOD:
        raise OptionError(f"at=period and columns={PERIOD} both part by period; use columns=none or at=last.")
    there = ordered.visits(data, dataset)
    if at not in (*WHEN, "period", *there):
        raise OptionError(f"{dataset} has no visit {at}; it has {', '.join(there)}.")


def _blocks(data: Data, at: str) -> Iterator[Block]:
    if at == "period":
        yield from (Block(PERIOD, label, number, "") for number, label in ordered.blocks(data).items())
    elif at in WHEN:
        yield Block(at, AFTER, 0, "")
    else:
        yield Block("AVISIT", at, 0, at)


def _members(members: pd.DataFrame, columns: pd.DataFrame) -> Iterator["_Column"]:
    """Yield who is in each column, and the period that alone counts in it where columns are periods."""
    for position in columns.position:
        part = members[members.position == position]
        period = part.period.dropna()
        yield _Column(part.subject_code, int(period.iloc[0]) if len(period) else 0)


class _Column(NamedTuple):
    subject_code: pd.Series
    period: int


def _stands(data: Data, found: Ordered, block: Block, options: Options, period: int = 0) -> Standing:
    """Return the value that stands for each subject in a block, of one period where there is one."""
    values, at, better = found.values, str(options["at"]), str(options["better"])
    if within := block.period or period:
        values = values[values.period == within]
    if block.visit:
        return ordered.at_visit(data, values, block.visit)
    if at in ("worst", "best"):
        return (ordered.worst if at == "worst" else ordered.best)(values, better)
    return ordered.last(values)


def _cells(found: Ordered, standing: Standing, codes: pd.Series, categories: tuple[str, ...]) -> Floats:
    """Count subjects by category at baseline (rows) and after it (columns)."""
    place = pd.Series(range(len(categories)), index=categories)
    before = place[found.texts(found.subjects.baseline.reindex(codes))].to_numpy()
    after = place[found.texts(standing.value.reindex(codes))].to_numpy()
    counts = np.zeros((len(categories), len(categories)))
    np.add.at(counts, (before, after), 1)
    return counts


def _ard(
    n: Floats, columns: pd.DataFrame, wanted: list[Block], categories: tuple[str, ...], options: Options
) -> pd.DataFrame:
    """Return every cell with its share and the totals of its row and column; `n` is by block, column, before, after."""
    rows = pd.DataFrame(
        [(str(options["PARAMCD"]), before, block.group2, block.label) for block in wanted for before in categories],
        columns=["variable", "variable_level", "group2", "group2_level"],
    )
    N = np.broadcast_to(columns.N.to_numpy(dtype=float)[None, :, None, None], n.shape)
    row, column = (np.broadcast_to(n.sum(axis=axis, keepdims=True), n.shape) for axis in (3, 2))
    cell = proportion(n, N, float(options["conf"]))
    stats = {name: getattr(cell, name) for name in ("n", "N", "percent", "conf_low", "conf_high")}
    stats |= {"n_row": row, "percent_row": proportion(row, N).percent}
    stats |= {"n_column": column, "percent_column": proportion(column, N).percent}
    flat = {
        name: values.transpose(0, 2, 1, 3).reshape(len(rows), len(columns), len(categories))
        for name, values in stats.items()
    }
    return grid(rows, group_name(options), list(columns.level), categories, flat, EMPTY_COLUMN)


def _records(found: Ordered, block: Block, standing: Standing) -> pd.DataFrame:
    """Return one row per subject on view: both values, their categories, and the cell that holds the subject."""
    before, after = found.subjects.baseline, standing.value.reindex(found.subjects.index)
    change = after.astype(float) - before.astype(float) if found.numeric else pd.Series(np.nan, before.index)
    first, second = found.texts(before), found.texts(after)
    return pd.DataFrame(
        {
            "USUBJID": found.subjects.USUBJID,
            "period": block.label,
            "baseline": before,
            "value": after,
            "change": change,
            "baseline_category": first,
            "category": second,
            "cell": (block.label + ": " + first + " → " + second).astype(object),
        }
    )


def _notes(found: Ordered, standings: Mapping[str, Standing], options: Options) -> list[str]:
    N, at = len(found.subjects), str(options["at"])
    lost = int(found.subjects.baseline.isna().sum())
    notes = [f"{lost} of {N} subjects on view have no baseline value."]
    for label, standing in standings.items():
        there = int(found.subjects.index.isin(standing.value.index).sum())
        notes.append(f"{label}: {N - there} of {N} subjects on view have no value.")
    if at in ("worst", "best"):
        notes.append(f"The {at} of all values after baseline counts; {options['better']} is better.")
    if at == "period":
        notes += ["The last value within a period counts.", *ordered.undated(found)]
    return [*notes, *ordered.told(found, standings), *found.notes]


def show(result: Result, _: Data) -> Layout:
    """Draw baseline by what came after, block under block, columns side by side."""
    from core.tables.shift import shift_table

    return shift_table(result)


def answer(result: Result, _: Data) -> str:
    """Return how many changed category, in one sentence a block."""
    from core.tables.shift import shift_answer

    return shift_answer(result)


def behind(data: Data, population: Population, options: Options, about: tuple[str, str, str]) -> pd.DataFrame:
    """Return the subjects behind one row of the table (parameter, category at baseline, block), all columns together."""
    _, level, block = about
    records = compute(data, population, OUTPUT.read(options, data)).records
    here = records[(records.baseline_category == level) & (records.period == block)]
    return here.drop(columns="cell").reset_index(drop=True)


def wide(result: Result) -> pd.DataFrame:
    """Return one row a subject on view and block, as a reader wants it in a file."""
    if result.records.empty:
        return result.records
    frame = result.records.drop(columns="cell")
    frame.insert(1, "PARAMCD", result.options["PARAMCD"])
    return frame


def _heat_map(result: Result, data: Data) -> "alt.LayerChart":
    from core.charts.shift import heat_map

    label = ordered.parameters(data, str(result.options["dataset"])).get(str(result.options["PARAMCD"]), "")
    return heat_map(result, label)


OUTPUT = Output(
    "shift",
    "Shift from baseline",
    (DATASET, PARAMCD, VARIABLE, BASELINE, AT, COLUMNS, BETTER, replace(CONF, on_page=False)),
    compute,
    show,
    figures={"heat_map": Figure("Shift from baseline", _heat_map, "cell")},
    records=wide,
    answer=answer,
    behind=behind,
)
