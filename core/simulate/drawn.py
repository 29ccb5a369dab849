"""The whole of a study, drawn part by part."""

from dataclasses import dataclass

import pyarrow as pa

from core.simulate.course import course_of
from core.simulate.days import day_of
from core.simulate.dice import Dice
from core.simulate.earlier import as_it_was
from core.simulate.findings import adlb, adqs
from core.simulate.markers import described, truth
from core.simulate.panel import Panel
from core.simulate.recipe import Recipe
from core.simulate.records import adae, adex, adsl
from core.simulate.specimens import specimens_of, visits_of
from core.simulate.subjects import register
from core.study import Parameter, Source

DATASETS = ("ADSL", "ADAE", "ADBE", "ADEX", "ADLB", "ADQS", "ADBM")


@dataclass(frozen=True)
class Drawn:
    """A study as drawn: its markers, its datasets, the truth behind the markers, and the datasets of the cut before."""

    parameters: tuple[Parameter, ...]
    tables: dict[str, pa.Table]
    truth: pa.Table
    earlier: dict[str, pa.Table] | None = None


def draw(source: Source, recipe: Recipe, subjects: int, markers: int, seed: int) -> Drawn:
    """Draw a study of that many registered subjects and markers.

    Parameters
    ----------
    source : Source
        The study folder, for what its study.toml plans.
    recipe : Recipe
        How often and how much.
    subjects, markers : int
        How many; markers beyond those of the recipe are generic, fewer are its first.
    seed : int
        Each part of the study has its own stream of this seed: more markers leave all else as it is.

    Returns
    -------
    Drawn
        A dataset without any row is left out. The datasets of an earlier cut are there when the recipe has one.

    Examples
    --------
    >>> from core.simulate.recipe import read
    >>> drawn = draw(*read("data/cabazitaxel"), subjects=5, markers=2, seed=1)
    >>> drawn.tables["ADSL"].num_rows, len(set(drawn.tables["ADBM"]["PARAMCD"].to_pylist()))
    (5, 2)
    """
    study, cut = source.study, day_of(source.study.data_cut)
    dice = {name: Dice(seed, name) for name in ("subjects", "courses", "specimens", "visits", "ADAE", "ADQS", "ADLB")}
    people = register(dice["subjects"], recipe, subjects, cut)
    both = [(subject, course_of(dice["courses"], recipe, subject, cut)) for subject in people]
    taken = [specimens_of(dice["specimens"], recipe, study, *pair, cut) for pair in both]
    visits = [visits_of(dice["visits"], recipe, study, *pair) for pair in both]
    panel = Panel(seed, recipe.assay, [s for _, each in taken for s in each], [s for each in visits for s in each])
    known = described(study, recipe, markers, seed)
    kept = known[:markers]
    lent = {test.marker for test in recipe.laboratory} | set(recipe.baseline_variables.values())
    levels = {one.PARAMCD: panel.levels(panel.measure(one, other)) for one, other in known if one.PARAMCD in lent}
    rows = {
        "ADSL": [adsl(recipe, study, *pair, levels) for pair in both],
        "ADAE": [row for pair in both for row in adae(dice["ADAE"], recipe, *pair)],
        "ADBE": [row for each, _ in taken for row in each],
        "ADEX": [row for pair in both for row in adex(recipe, *pair)],
        "ADLB": [row for pair, each in zip(both, visits, strict=True)
                 for row in adlb(dice["ADLB"], recipe, *pair, each, levels)],
        "ADQS": [row for subject, each in zip(people, visits, strict=True)
                 for row in adqs(dice["ADQS"], recipe, subject, each)],
    }  # fmt: skip
    tables = {name: pa.Table.from_pylist(each) for name, each in rows.items()}
    tables["ADBM"] = panel.records(kept, [panel.measure(*pair) for pair in kept])
    told = pa.Table.from_pylist([truth(*pair) for pair in kept])
    with_rows = {name: tables[name] for name in DATASETS if tables[name].num_rows}
    plan = recipe.earlier_cut
    before = as_it_was(Dice(seed, "earlier"), recipe, plan, study, both, with_rows, levels) if plan else None
    return Drawn(tuple(parameter for _, parameter in kept), with_rows, told, before)
