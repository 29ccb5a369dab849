"""The ends of a report: how the numbers were made, how good the data are, and what the study lacks."""

from collections.abc import Sequence

import pandas as pd

from core.ard import Result
from core.data import Data
from core.export.document import Block, Heading, Pairs, Paragraph, Table
from core.export.stamp import plain
from core.formats import RULES, TESTS, counted
from core.tables.layout import Column, Layout, Row


def methods(data: Data, results: Sequence[Result]) -> list[Block]:
    """Return the section of methods: the study's settings, then how each result was computed.

    Parameters
    ----------
    results : sequence of Result
        Those in the report; each tells its own methods, options and notes.
    """
    blocks: list[Block] = [
        Heading("Methods"),
        Heading("Settings of the study", 2),
        Pairs(tuple(_settings(data).items())),
    ]
    for output in dict.fromkeys(result.output for result in results):
        blocks += _of_output(data, [result for result in results if result.output == output])
    blocks += [
        Heading("Numbers", 2),
        Paragraph(
            "Every number was computed at full precision from the snapshot named below, and rounded half away from zero when it was printed."
        ),
    ]
    return blocks


def _of_output(data: Data, results: Sequence[Result]) -> list[Block]:
    """Tell how the results of one output were computed: its methods, or else the rules in its notes; then every choice of options."""
    told = [result.methods for result in results if result.methods] or [
        note for result in results for note in unnamed(data, result.notes)
    ]
    options = dict.fromkeys(
        ", ".join(f"{name}={plain(value)}" for name, value in result.options.items()) for result in results
    )
    return [
        Heading(results[0].title, 2),
        *(Paragraph(text) for text in dict.fromkeys(told)),
        *(Paragraph(f"Options: {chosen}.", note=True) for chosen in options),
    ]


def unnamed(data: Data, notes: Sequence[str]) -> tuple[str, ...]:
    """Return the notes that name no subject: those that do stand below the table that was asked for, and nowhere else."""
    subjects = [str(subject) for subject in data.ask("subjects", data.everybody).USUBJID]
    return tuple(note for note in notes if not any(subject in note for subject in subjects))


def _settings(data: Data) -> dict[str, str]:
    study, design = data.study, data.study.design
    targets = study.targets
    told = {
        "Timepoints": f"{study.timepoints.baseline} against {study.timepoints.follow_up}",
        "Pre-specified test": TESTS[design.test],
        "Further tests of the protocol": ", ".join(TESTS[test] for test in design.supporting) or "none",
        "Two-sided alpha": f"{design.alpha:g}",
        "Below the limit of quantification": RULES[design.below_limit],
        "Several records at a timepoint": study.records_per_timepoint or "listed, none is used",
        "Accrual target": str(targets.accrual or "none"),
        "Target of evaluable pairs": str(targets.evaluable or "none"),
        "Treatment-emergent": _emergent(data),
        "CTCAE": study.adverse_events.ctcae_version or "not named",
    }
    if "ADBM" not in data.schema:
        for name in (
            "Timepoints",
            "Pre-specified test",
            "Further tests of the protocol",
            "Below the limit of quantification",
        ):
            told.pop(name)
    return told


def _emergent(data: Data) -> str:
    if "TRTEMFL" in data.schema.get("ADAE", {}):
        return "as the data say (TRTEMFL)"
    days = data.study.adverse_events.treatment_emergent.window_days
    return f"onset or worsening from the first dose to {days} days after the last"


def quality(data: Data) -> list[Block]:
    """Return the section of data quality: records read, kept, refused and doubtful, and what was wrong with how many."""
    blocks: list[Block] = [Heading("Quality of the data")]
    files = data.ask("datasets", data.everybody)
    columns = tuple(Column(label) for label in ("Read", "Kept", "Refused", "Queried", "Values trimmed"))
    rows = tuple(
        Row(
            str(file.dataset), tuple(f"{n:,}" for n in (file.read, file.kept, file.refused, file.queries, file.trimmed))
        )
        for file in files.itertuples()
    )
    blocks.append(
        Table(Layout("Records of each dataset", "Kept and refused add up to those read.", "Dataset", columns, rows))
    )
    for question, title, none in (
        ("rejected", "Values refused, with their records", "Every record of every file was kept."),
        ("queries", "Doubtful values; their records were kept", "Nothing doubtful was found in the records kept."),
    ):
        found = data.ask(question, data.everybody)
        blocks.append(Table(_findings(found, title)) if len(found) else Paragraph(none))
    return blocks


def _findings(found: pd.DataFrame, title: str) -> Layout:
    """Count what was found by rule: a report names no patient."""
    counts = found.groupby(["dataset", "variable", "rule", "remedy"], dropna=False).size().reset_index(name="values")
    columns = (
        Column("Variable", align="left"),
        Column("Values"),
        Column("Rule", align="left"),
        Column("What would do", align="left"),
    )
    rows = tuple(
        Row(str(e.dataset), (str(e.variable), f"{e.values:,}", str(e.rule), str(e.remedy)))
        for e in counts.itertuples(name="Finding")
    )
    return Layout(title, counted(len(found), "value") + ".", "Dataset", columns, rows)


def lacking(lacks: Sequence[tuple[str, str]]) -> list[Block]:
    """Return the section of what was asked for and is not in the report, with the reason of each."""
    if not lacks:
        return []
    return [Heading("What this study lacks"), Paragraph("Asked for, and not in this report:"), Pairs(tuple(lacks))]
