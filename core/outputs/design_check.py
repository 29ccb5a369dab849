"""What the protocol's own numbers imply, from study.toml alone: if its rate of success is exactly what it says."""

from collections.abc import Iterator
from dataclasses import replace

import pandas as pd

from core.ard import Result, join, rows
from core.data import Data
from core.formats import chance, counted, fixed
from core.outputs.ahead import PAIRS
from core.outputs.catalogue import CONF, Answer, Option, Options, Output
from core.outputs.harvests import TOTAL
from core.stats.assurance import MOST
from core.stats.design_check import READINGS, Design, design_check
from core.study import Population, Study
from core.tables.layout import Layout

READS = {"per_patient": "of each patient: a pair", "per_biopsy": "of each biopsy, both independent"}
READING = Option(
    "reading", "The rate is the success", READINGS[0], choices=lambda _: READS,
    help="The protocol states one rate; it may be read as the chance that a patient gives a pair, or that one biopsy succeeds.",
    wide=True,
)  # fmt: skip
TOO_FEW = f"{MOST:,} patients would not do"


def lacking(study: Study) -> str:
    """Return what study.toml does not say of the design; empty when it says all.

    Examples
    --------
    >>> lacking(Study(id="x", title="X", data_cut="2024-06-30"))
    'study.toml has no accrual, evaluable and anticipated_evaluable_rate in [targets]'
    """
    targets = study.targets
    names = [name for name in ("accrual", "evaluable", "anticipated_evaluable_rate") if getattr(targets, name) is None]
    listed = " and ".join(filter(None, (", ".join(names[:-1]), *names[-1:])))
    return f"study.toml has no {listed} in [targets]" if names else ""


def told(study: Study) -> Iterator[pd.DataFrame]:
    """Yield the check under each reading as analysis results."""
    targets, why = study.targets, lacking(study)
    for reading in READINGS:
        found = Design(*[float("nan")] * 5)
        if targets.accrual and targets.evaluable and targets.anticipated_evaluable_rate:
            found = design_check(targets.accrual, targets.evaluable, targets.anticipated_evaluable_rate, reading)
        key = {"group1_level": TOTAL, "variable": PAIRS, "variable_level": reading, "context": "design"}
        yield rows(found, why or TOO_FEW, **key)


def compute(data: Data, _: Population, __: Options) -> Answer:
    """Compute the check; no patient is in it."""
    why = lacking(data.study)
    notes = [
        "From study.toml alone: no patient of this study is in these numbers, and they are no forecast.",
        "The rate is held to be exactly as planned; the number of pairs is then binomial.",
    ]
    return Answer(join(list(told(data.study))), [f"{why}."] if why else notes)


def answer(result: Result, data: Data) -> str:
    """Return what the planned accrual gives under the reading chosen, and what would be needed."""
    targets, why = data.study.targets, lacking(data.study)
    if why:
        return f"{why}, so the design cannot be checked."
    reading = str(result.options["reading"])
    ard = result.ard[result.ard.variable_level == reading]
    stat = dict(zip(ard.stat_name, ard.stat, strict=True))
    rate = targets.anticipated_evaluable_rate
    of = "patient gives a pair" if reading == READINGS[0] else "biopsy succeeds, and the two of a patient independently"
    needed = ", ".join(f"{fixed(stat[f'accrue_for_{level}'], 0)} accrued for {level}%" for level in (80, 90, 95))
    return (
        f"If exactly {100 * float(rate or 0):g}% is the chance that a {of}, {counted(targets.accrual or 0, 'patient')} "
        f"accrued give {stat['expected_pairs']:g} pairs on average, and {targets.evaluable} or more with a chance of "
        f"{chance(stat['p_target_pairs'])}. It would take {needed}."
    )


def show(result: Result, data: Data) -> Layout:
    """Draw both readings side by side."""
    from core.tables.forecast import design_table

    return design_table(result, READS, data.study.targets)


OUTPUT = Output(
    "design_check", "Check of the design", (READING, replace(CONF, on_page=False)), compute, show, answer=answer
)
