"""Checks of adverse events against CTCAE: what they look for, and their table."""

from dataclasses import dataclass

from core.ard import Result
from core.formats import count_percent, fixed
from core.tables.layout import Column, Layout, Row, subtitle

CHECK = "CHECK"
"""What the rows of the table are about."""


@dataclass(frozen=True)
class Check:
    """How a check reads, and what it tells."""

    label: str
    tells: str


CHECKS = {
    "unknown_term": Check("Term that CTCAE does not list", "Information only: terms of MedDRA are often others"),
    "other_class": Check("Class that is not the term's", "A term exactly of CTCAE, in another system organ class than there"),
    "impossible_grade": Check("Grade that the term does not have", "Such as Grade 3 of alopecia, which has only 1 and 2"),
    "grade5_alive": Check("Grade 5 without a death", "An event of Grade 5, of a subject whose death ADSL does not record"),
    "death_without_grade5": Check(
        "Death by an event without a Grade 5", "A fatal event, or a death that ADSL puts down to one, of a subject without any Grade 5"
    ),
    "overlap": Check("Overlap of one term", "An event that began while another of the same subject and term lasted"),
    "laboratory": Check(
        "Grade that a laboratory value contradicts",
        "A value worse than the grades recorded of its day, or no value of the event's days that reaches its grade",
    ),
}  # fmt: skip
INFORMATION = ("unknown_term",)
"""Checks that tell something, but of nothing wrong."""


def checks_table(result: Result) -> Layout:
    """Return one row a check: records judged, findings, and subjects with one.

    Examples
    --------
    >>> from core.ard import join
    >>> result = Result("x", "Checks", "s", "S", True, "2024-12-31", "", "Safety", "", 0, {}, join([]))
    >>> [column.label for column in checks_table(result).columns]
    ['Records checked', 'Findings', 'Patients, n (%)', 'What it tells']
    """
    cells = dict(zip(zip(result.ard.variable_level, result.ard.stat_name, strict=True), result.ard.stat, strict=True))
    checked = result.ard[(result.ard.stat_name == "checked") & result.ard.stat.isna()]
    reasons = dict(zip(checked.variable_level, checked.warning, strict=True))
    columns = (Column("Records checked"), Column("Findings"), Column("Patients, n (%)"), Column("What it tells", align="left"))  # fmt: skip
    rows: list[Row] = []
    for level in dict.fromkeys(result.ard.variable_level):
        about = (CHECK, level, "")
        if level in reasons:
            short = reasons[level].split(":")[0]
            rows.append(Row(CHECKS[level].label, (short, "", "", CHECKS[level].tells), 0, ("", "", "")))
            continue
        n = count_percent(cells[level, "n"], cells[level, "percent"])
        counts = (fixed(cells[level, "checked"], 0), fixed(cells[level, "events"], 0), n)
        rows.append(
            Row(CHECKS[level].label, (*counts, CHECKS[level].tells), 0, about if cells[level, "n"] else ("", "", ""))
        )
    told = tuple(f"{text[0].upper() + text[1:]}." for text in dict.fromkeys(reasons.values()))
    notes = (f"Patients: subjects with a finding, of N={result.N}.", *result.notes, *told)
    return Layout(
        result.title, subtitle(result), "Check", columns, tuple(rows), notes if len(result.ard) else result.notes
    )
