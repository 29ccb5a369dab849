"""python -m core: build a study, list the outputs, run one, and draw a study, without a browser."""

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, NoReturn

from core.errors import MarrowscopeError, OptionError, RequestError
from core.ingest import snapshot
from core.study import Population, Source, load
from core.where import Where

if TYPE_CHECKING:
    from core.ard import Result
    from core.data import Data

FORMATS = ("csv", "json", "xlsx", "html", "rtf", "docx", "pdf", "svg", "png")
BINARY = ("xlsx", "docx", "pdf", "png")


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command; return 0, 1 when a study cannot be used, or 2 when a request does not fit."""
    parser = _parser()
    parsed, left_over = parser.parse_known_args(arguments)
    # argparse takes options and entries only up to the first flag; those after it are meant all the same.
    several = getattr(parsed, "option", getattr(parsed, "entry", None))
    if left_over and (several is None or any(text.startswith("-") for text in left_over)):
        parser.error(f"unrecognized arguments: {' '.join(left_over)}")
    if left_over and several is not None:
        several += left_over
    try:
        return int(parsed.command(parsed))
    except RequestError as error:
        print(error, file=sys.stderr)
        return 2
    except MarrowscopeError as error:
        print(error, file=sys.stderr)
        return 1


def build(parsed: argparse.Namespace) -> int:
    """Validate a study folder, write its snapshot, and print what became of every file."""
    from core.data import Data

    data = Data(snapshot.ensure(_source(parsed.study)))
    files = data.ask("datasets", data.everybody)
    for file in files.itertuples():
        print(
            f"{file.dataset}: {file.read:,} read, {file.kept:,} kept, {file.refused:,} refused, {file.queries:,} queried "
            f"({file.file}, {file.trimmed:,} values trimmed)"
        )
    refused = data.ask("rejected", data.everybody)
    for row in refused.head(20).itertuples():
        print(f"refused {row.dataset} row {row.row}: {row.variable} {row.value!r} {row.rule}; {row.remedy}")
    if len(refused) > 20:
        print(f"... and {len(refused) - 20:,} more; the page Study data lists them all")
    return 1 if parsed.strict and len(refused) else 0


def outputs(_: argparse.Namespace) -> int:
    """Print the catalogue."""
    from core.outputs import OUTPUTS

    for output in OUTPUTS.values():
        options = " ".join(
            f"{option.name}={'<study>' if option.of_study else _text(option.default)}" for option in output.options
        )
        print(f"{output.id}\t{output.title}\t{options}")
    return 0


def run(parsed: argparse.Namespace) -> int:
    """Compute one output and write it."""
    from core.outputs import find

    output, given = find(parsed.output), _given(parsed)
    parsed.format = _form(parsed.format, parsed.file)
    if parsed.format in BINARY and parsed.file is None:
        raise OptionError(f"--format {parsed.format} is not text; name a file with -o.")
    data = _opened(parsed)
    result = output.run(data, _population(parsed, data), given)
    content = _written(parsed, result, data)
    if parsed.file is None:
        sys.stdout.buffer.write(content)
    else:
        _save(parsed.file, content)
    for note in filter(None, (result.answer, *result.notes)):
        print(note, file=sys.stderr)
    return 0


def how(parsed: argparse.Namespace) -> int:
    """Print a script that makes an output's numbers again, or the SQL that was asked for them."""
    from core.how import how as made

    data = _opened(parsed)
    found = made(data, parsed.output, _population(parsed, data), _given(parsed))
    sys.stdout.buffer.write((found.sql if parsed.sql else found.script).encode())
    return 0


def _opened(parsed: argparse.Namespace) -> "Data":
    """Open the study, with the earlier cut that the command names."""
    from core.data import Data

    before = None if parsed.earlier is None else _source(parsed.earlier).folder
    return Data(snapshot.ensure(_source(parsed.study)), before)


def _given(parsed: argparse.Namespace) -> dict[str, object]:
    given: dict[str, object] = {}
    for name, value in map(_pair, parsed.option):
        if name in given:
            raise OptionError(f"{name} is given twice; give it once.")
        given[name] = value
    return given


def _population(parsed: argparse.Namespace, data: "Data") -> Population:
    study = data.study
    chosen = study.population(parsed.population) if parsed.population is not None else study.populations[0]
    return chosen.filtered(Where.parse(parsed.where))


def _form(form: str | None, file: str | None) -> str:
    """Return the format asked for: by name, or by the ending of the file; csv where neither says."""
    if file is not None:
        _check_place(file)
    ending = Path(file or "").suffix.removeprefix(".").lower()
    if form is not None and ending in FORMATS and ending != form:
        raise OptionError(f"-o {file} ends with .{ending} and --format says {form}; make them the same.")
    return form or (ending if ending in FORMATS else "csv")


def _check_place(file: str) -> None:
    """Raise OptionError before anything is computed when a file cannot stand where it is to be written."""
    path = Path(file)
    if path.is_dir():
        raise OptionError(f"-o {file} cannot be written: it is a folder; name a file.")
    if not path.parent.is_dir():
        raise OptionError(f"-o {file} cannot be written: there is no folder {path.parent}; name another file.")


def _save(file: str, content: bytes) -> None:
    try:
        Path(file).write_bytes(content)
    except OSError as error:
        raise OptionError(f"-o {file} cannot be written: {error.strerror}; name another file.") from None


def _written(parsed: argparse.Namespace, result: "Result", data: "Data") -> bytes:
    """Return what was asked for: a figure, the records behind the result, the table as it reads, or the result itself."""
    from core.export import FIGURE_FORMS, FORMS, RECORD_FORMS, TABLE_FORMS, export, figure, records, table

    what, forms = "a result", tuple(FORMS)
    if parsed.figure is not None:
        what, forms = "a figure", FIGURE_FORMS
    elif parsed.records:
        what, forms = "records", RECORD_FORMS
    elif parsed.table:
        what, forms = "a table", TABLE_FORMS
    if parsed.format not in forms:
        raise OptionError(f"--format {parsed.format} does not hold {what}; use one of {', '.join(forms)}.")
    if parsed.figure is not None:
        return figure(result, data, parsed.figure, parsed.format)
    if parsed.records:
        return records(result, parsed.format)
    return (table if parsed.table else export)(result, data, parsed.format)


def report(parsed: argparse.Namespace) -> int:
    """Write what the protocol asks for, or what is named, as one document."""
    from core.data import Data
    from core.report import REPORT_FORMS, Entry, protocol
    from core.report import report as write

    file = Path(parsed.file)
    form = file.suffix.removeprefix(".").lower()
    if form not in REPORT_FORMS:
        raise OptionError(
            f"-o {parsed.file} names no format; end it with one of {', '.join('.' + f for f in REPORT_FORMS)}."
        )
    _check_place(parsed.file)
    chosen = [Entry.read(text) for text in parsed.entry]
    data = Data(snapshot.ensure(_source(parsed.study)))
    population = _population(parsed, data)
    for entry in chosen:
        entry.check(data)

    def tell(done: float, what: str) -> None:
        print(f"{100 * done:3.0f}% {what}", file=sys.stderr)

    _save(parsed.file, write(data, population, chosen or protocol(data), form, tell))
    return 0


def simulate(parsed: argparse.Namespace) -> int:
    """Draw a study from its recipe, and print what was written."""
    from core.simulate import recipes
    from core.simulate import simulate as draw

    found = [Path(parsed.study)] if parsed.study else recipes(Path("data"))
    if len(found) != 1:
        there = ", ".join(map(str, found)) or "none"
        raise RequestError(f"Name the study folder to draw; those of data with a simulation.toml: {there}.")
    to = Path(parsed.folder) if parsed.folder else None
    print(draw(_source(str(found[0])).folder, parsed.subjects, parsed.markers, parsed.seed, to))
    return 0


def _source(folder: str) -> Source:
    if not Path(folder).is_dir():
        raise RequestError(f"{folder} is not a folder; name a study folder such as data/cdiscpilot01.")
    return load(folder)


def _pair(text: str) -> tuple[str, str]:
    name, separator, value = text.partition("=")
    if not separator:
        raise OptionError(f"{text!r} is not an option; write key=value, such as columns=none.")
    return name, value


def _text(value: str | float | bool) -> str:
    return (
        ("yes" if value else "no") if isinstance(value, bool) else f"{value:g}" if isinstance(value, float) else value
    )


class _Parser(argparse.ArgumentParser):
    """Says what is wrong in one line."""

    def error(self, message: str) -> NoReturn:
        self.exit(2, f"{message[:1].upper()}{message[1:]}.\n")


def _parser() -> argparse.ArgumentParser:
    parser = _Parser(prog="python -m core", description="Marrowscope without a browser.")
    commands = parser.add_subparsers(required=True, metavar="COMMAND")
    one = commands.add_parser("build", help="validate a study and write its snapshot")
    one.add_argument("study", metavar="STUDY", help="a study folder")
    one.add_argument("--strict", action="store_true", help="exit 1 when a record was refused")
    one.set_defaults(command=build)
    one = commands.add_parser("outputs", help="list the outputs with their options and defaults")
    one.set_defaults(command=outputs)
    one = commands.add_parser("run", help="compute one output")
    one.add_argument("output", metavar="OUTPUT")
    _asking(one)
    _writing(one)
    one.set_defaults(command=run, earlier=None)
    one = commands.add_parser("compare", help="compare two cuts of one study")
    one.add_argument("earlier", metavar="EARLIER", help="the study folder of the earlier cut")
    _asking(one)
    _writing(one)
    one.set_defaults(command=run, output="cut_changes")
    one = commands.add_parser("how", help="print a script that computes one output, or its SQL")
    one.add_argument("output", metavar="OUTPUT")
    _asking(one)
    one.add_argument("--sql", action="store_true", help="the SQL that is asked instead, as DuckDB runs it")
    one.add_argument("--earlier", metavar="FOLDER", help="the study folder of an earlier cut, as compare takes it")
    one.set_defaults(command=how)
    one = commands.add_parser("report", help="write the protocol's tables and figures as one document")
    one.add_argument("study", metavar="STUDY", help="a study folder")
    one.add_argument(
        "entry", metavar="ENTRY", nargs="*", default=[],
        help='only these: an output with its options, such as "ae_by_term category=serious" or "panel --figure forest"',
    )  # fmt: skip
    _about_whom(one)
    one.add_argument("-o", dest="file", metavar="FILE", required=True, help="ends with .docx, .html, .pdf or .rtf")
    one.set_defaults(command=report)
    one = commands.add_parser("simulate", help="draw a study from its recipe and a seed")
    one.add_argument(
        "study", metavar="STUDY", nargs="?", help="a study folder with a simulation.toml (default: that of data)"
    )
    one.add_argument("--subjects", metavar="N", type=int, help="registered subjects")
    one.add_argument("--markers", metavar="N", type=int, help="markers; generic ones are added, or the last left out")
    one.add_argument("--seed", metavar="N", type=int)
    one.add_argument(
        "-o", dest="folder", metavar="FOLDER", help="where to write (default: beside STUDY when it differs)"
    )
    one.set_defaults(command=simulate)
    return parser


def _asking(one: argparse.ArgumentParser) -> None:
    """Add what says of which study, of whom and how."""
    one.add_argument("study", metavar="STUDY", help="a study folder")
    one.add_argument("option", metavar="key=value", nargs="*", default=[])
    _about_whom(one)


def _about_whom(one: argparse.ArgumentParser) -> None:
    """Add what says whom it is about."""
    one.add_argument("--population", metavar="LABEL", help="a population of study.toml (default: its first)")
    one.add_argument("--where", metavar="CONDITION", default="", help='such as "AGE GE 65 AND SEX EQ F"')


def _writing(one: argparse.ArgumentParser) -> None:
    """Add what says what is written, and where."""
    one.add_argument("--format", choices=FORMATS, help="default: that of FILE's ending, else csv")
    drawn = one.add_mutually_exclusive_group()
    drawn.add_argument(
        "--figure", metavar="NAME", help="a figure of the output instead, as svg, png, pdf or html, or its data as csv"
    )
    drawn.add_argument(
        "--records", action="store_true", help="the records behind it instead, most often one row a subject"
    )
    drawn.add_argument("--table", action="store_true", help="the table as it reads, where csv would hold the results")
    one.add_argument("-o", dest="file", metavar="FILE")


if __name__ == "__main__":
    sys.exit(main())
