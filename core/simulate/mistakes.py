"""What an earlier data cut recorded wrongly, and a later one has right."""

from collections.abc import Mapping
from decimal import Decimal

import pyarrow as pa

from core.simulate.dice import Dice, T
from core.simulate.recipe import EarlierCut, Recipe
from core.simulate.specimens import Row


def with_mistakes(
    dice: Dice, recipe: Recipe, plan: EarlierCut, tables: Mapping[str, pa.Table], finished: set[str]
) -> dict[str, pa.Table]:
    """Return datasets with as many mistakes of each kind as the recipe says, or as there is room for.

    A result of a marker in marrow is ten times what it should be, an event of grade 3 is one of grade 2, and an event stands there
    twice: the second time under the next number.

    Parameters
    ----------
    dice : Dice
        The stream to draw from.
    recipe : Recipe
        The grades that each term can have.
    plan : EarlierCut
        How many mistakes of each kind.
    tables : mapping of pyarrow.Table
        The datasets without a mistake.
    finished : set of str
        The subjects of whom no event is added later, so that the next number stays free.
    """
    changed = dict(tables)
    if "ADBM" in tables:
        changed["ADBM"] = _mistyped(dice, tables["ADBM"], plan.mistyped_results)
    if "ADAE" in tables:
        rows = tables["ADAE"].to_pylist()
        _make_milder(dice, recipe, rows, plan.milder_events)
        changed["ADAE"] = pa.Table.from_pylist(
            _entered_twice(dice, rows, finished, plan.events_entered_twice), tables["ADAE"].schema
        )
    return changed


def _some(dice: Dice, values: list[T], count: int) -> list[T]:
    """Draw that many of the values, or all."""
    left = list(values)
    return [left.pop(dice.whole(0, len(left) - 1)) for _ in range(min(count, len(left)))]


def _mistyped(dice: Dice, table: pa.Table, count: int) -> pa.Table:
    values, texts, specimens = (table[name].to_pylist() for name in ("AVAL", "AVALC", "BEREFID"))
    able = [place for place, value in enumerate(values) if value and specimens[place]]
    for place in _some(dice, able, count):
        values[place] = float(10 * Decimal(str(values[place])))
        texts[place] = pa.array([values[place]]).cast(pa.string())[0].as_py()
    for name, column in (("AVAL", values), ("AVALC", texts)):
        table = table.set_column(table.column_names.index(name), name, pa.array(column, table[name].type))
    return table


def _make_milder(dice: Dice, recipe: Recipe, rows: list[Row], count: int) -> None:
    grades = {event.term: event.grades for event in recipe.events}
    able = [row for row in rows if row["AETOXGR"] == "3" and 2 in grades[row["AEDECOD"]]]
    for row in _some(dice, able, count):
        row["AETOXGR"] = "2"


def _entered_twice(dice: Dice, rows: list[Row], finished: set[str], count: int) -> list[Row]:
    last = {row["USUBJID"]: row for row in rows if row["USUBJID"] in finished}
    again = {row["USUBJID"]: row | {"AESEQ": row["AESEQ"] + 1} for row in _some(dice, list(last.values()), count)}
    return [
        each
        for row in rows
        for each in (row, *([again[row["USUBJID"]]] if row is last.get(row["USUBJID"]) and row["USUBJID"] in again else []))
    ]  # fmt: skip
