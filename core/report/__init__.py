"""Many results in one document: what a study protocol asks for, or what was chosen, with contents, methods and data quality."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from core.ard import Result
from core.data import Data
from core.errors import OptionError
from core.export import pdf, rtf, stamp, web, word
from core.export.document import Block, Document, Figure, Heading, Pairs, Paragraph, Table
from core.export.picture import Picture
from core.outputs import find
from core.report.entries import ALWAYS_ONE, Entry, every, protocol
from core.report.settings import lacking, methods, quality, unnamed
from core.study import Population
from core.tables.layout import Layout

__all__ = ["REPORT_FORMS", "Entry", "document", "every", "protocol", "report"]

REPORT_FORMS = {"docx": word.write, "html": web.write, "pdf": pdf.write, "rtf": rtf.write}
Progress = Callable[[float, str], object]


@dataclass(frozen=True)
class _Made:
    """An entry with its result, what that is about, and its block; without a block, why the study has none."""

    entry: Entry
    result: Result | None
    block: Table | Figure | None
    lack: str = ""
    about: str = ""


def report(
    data: Data,
    population: Population,
    entries: Sequence[Entry],
    form: str,
    progress: Progress = lambda _, __: None,
) -> bytes:
    """Return a report as the bytes of a file.

    Parameters
    ----------
    entries : sequence of Entry
        What it is to hold; each stands in its section, in the order given.
    form : str
        docx, html, pdf or rtf.
    progress : callable, optional
        Is told the share that is done, 0 to 1, and what comes next, or what the study lacks.

    Examples
    --------
    >>> data = Data.of("data/cdiscpilot01")
    >>> report(data, data.study.populations[0], [Entry("Safety", "ae_overview")], "pdf")[:5]
    b'%PDF-'
    """
    made = document(data, population, entries, progress)
    progress(0.95, "Writing the document")
    return REPORT_FORMS[form](made)


def document(
    data: Data, population: Population, entries: Sequence[Entry], progress: Progress = lambda _, __: None
) -> Document:
    """Return a report as a document that any format can write.

    What the study has no data for is no error: a section names it, with the reason.
    """
    made: list[_Made] = []
    kept: dict[tuple[str, tuple[tuple[str, str], ...]], Result] = {}
    numbers = {"Table": 0, "Figure": 0}
    order = list(dict.fromkeys(entry.section for entry in entries))
    entries = sorted(entries, key=lambda entry: order.index(entry.section))
    for done, entry in enumerate(entries):
        progress(0.9 * done / max(len(entries), 1), entry.label(data))
        made.append(_make(entry, data, population, kept, numbers))
        if made[-1].lack:
            progress(0.9 * (done + 1) / len(entries), f"{entry.label(data)}: not in the report. {made[-1].lack}")
    results = list(kept.values())
    blocks: list[Block] = [*_found(made), *_sections(made)]
    blocks += methods(data, results)
    blocks += quality(data)
    blocks += lacking([(each.entry.label(data), each.lack) for each in made if each.lack])
    study = data.study
    about = _about(data, population)
    blocks += [Heading("About this report"), Pairs(tuple(about.items()))]
    simulated = ["Simulated data: no patient stands behind any number here."] if study.simulated else []
    whom = about["Population"] + (f", {population.condition}" if population.condition else "")
    lines = (study.title, f"{whom}. Data cut {study.data_cut}.", *simulated)
    foot = stamp.line(study.id, study.simulated, about["Data cut"], data.snapshot, about["Made"])
    return Document("Study report", tuple(blocks), lines, foot, contents=True)


def _make(
    entry: Entry, data: Data, population: Population, kept: dict[tuple[str, tuple[tuple[str, str], ...]], Result],
    numbers: dict[str, int],
) -> _Made:  # fmt: skip
    output = find(entry.output)
    needs = output.wants or output.needs
    if needs not in data.schema:
        return _Made(entry, None, None, f"The study has no dataset {needs}.")
    try:
        result = kept.get((entry.output, entry.options)) or output.run(data, population, dict(entry.options))
    except OptionError as error:
        return _Made(entry, None, None, str(error))
    kept[entry.output, entry.options] = result
    if result.ard.stat[result.ard.stat_name != "N"].isna().all():
        return _Made(entry, result, None, _why(entry, data, result))
    shown = output.show(result, data)
    about = shown.title if isinstance(shown, Layout) else result.title
    if entry.figure not in ("", entry.output):
        shown = output.figures[entry.figure].draw(result, data)
    if isinstance(shown, Layout):
        if not shown.rows:
            return _Made(entry, result, None, _why(entry, data, result))
        return _Made(entry, result, Table(shown, _next(numbers, "Table")), about=about)
    picture = Picture.of(entry.title(about), shown, stamp.provenance(result))
    return _Made(entry, result, Figure(picture, _next(numbers, "Figure"), unnamed(data, result.notes)), about=about)


def _why(entry: Entry, data: Data, result: Result) -> str:
    """Return why there is nothing to show; who is not named in the entry is not named here."""
    notes = result.notes if entry.output in ALWAYS_ONE else unnamed(data, result.notes)
    return " ".join(notes) or "Nothing was recorded."


def _next(numbers: dict[str, int], kind: str) -> str:
    numbers[kind] += 1
    return f"{kind} {numbers[kind]}"


def _found(made: Sequence[_Made]) -> list[Block]:
    """What was found, in a sentence for each result that has one."""
    told: dict[str, str] = {}
    for each in made:
        if each.result and each.block and each.result.answer:
            says = each.result.answer
            told.setdefault(says, says if says.startswith(each.about) else f"{each.about}. {says}")
    return [Heading("What was found"), *map(Paragraph, told.values())] if told else []


def _sections(made: Sequence[_Made]) -> list[Block]:
    blocks: list[Block] = []
    for section in dict.fromkeys(each.entry.section for each in made):
        shown = [each.block for each in made if each.entry.section == section and each.block]
        blocks += [Heading(section), *shown] if shown else []
    return blocks


def _about(data: Data, population: Population) -> dict[str, str]:
    N = int(data.ask("subject_count", population).N[0])
    study = data.study
    return {
        "Study": stamp.study(study.id, study.title, study.simulated),
        "Data cut": study.data_cut.isoformat(),
        "Snapshot": data.snapshot,
        "Application": stamp.APPLICATION,
        "Made": f"{datetime.now(UTC):%Y-%m-%d %H:%M:%S} UTC",
        "Population": f"{population.label} population (N={N})",
        "Filters": population.condition or "none",
    }
