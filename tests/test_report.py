"""The report: what the protocol asks for, numbered and listed, and what a study lacks said instead of failing."""

import io
import time
from pathlib import Path
from zipfile import ZipFile

import pytest

from core.__main__ import main
from core.data import Data
from core.errors import OptionError
from core.export.document import Document, Figure, Heading, Pairs, Paragraph, Table
from core.outputs import OUTPUTS
from core.report import REPORT_FORMS, Entry, document, every, protocol, report
from core.tables.paper import MARGIN
from core.where import Where
from tests.conftest import PILOT, TRIAL
from tests.reading import converted, folded, of_docx, of_html, of_rtf, office, pages, pieces

LACKS = "What this study lacks"


@pytest.fixture(scope="module")
def of_trial(trial: Data) -> Document:
    return document(trial, trial.study.populations[0], protocol(trial))


@pytest.fixture(scope="module")
def of_pilot(pilot: Data) -> Document:
    return document(pilot, pilot.study.populations[0], protocol(pilot))


def headings(made: Document) -> list[str]:
    return [block.text for block in made.blocks if isinstance(block, Heading) and block.level == 1]


def lacks(made: Document) -> dict[str, str]:
    at = next(at for at, block in enumerate(made.blocks) if isinstance(block, Heading) and block.text == LACKS)
    block = made.blocks[at + 2]
    assert isinstance(block, Pairs)
    return dict(block.pairs)


def test_the_protocols_report_holds_all_that_it_asks_for(of_trial: Document, trial: Data) -> None:
    shown = [block for block in of_trial.blocks if isinstance(block, Table | Figure) and block.number]
    assert len(shown) == len(protocol(trial)) >= 22
    assert LACKS not in headings(of_trial)
    assert headings(of_trial) == [
        "What was found", "Accrual and evaluable pairs", "Change of markers", "Association of markers",
        "Performance status", "Adverse events", "Methods", "Quality of the data", "About this report",
    ]  # fmt: skip


@pytest.mark.parametrize("kind", [Table, Figure])
def test_tables_and_figures_are_numbered_in_order_and_listed(kind: type, of_trial: Document) -> None:
    numbers = [block.number for block in of_trial.blocks if isinstance(block, kind) and block.number]  # type: ignore[attr-defined]
    assert numbers == [f"{kind.__name__} {n}" for n in range(1, len(numbers) + 1)]
    listed = [text for _, level, text in of_trial.entries if level == 2]
    captions = [block.caption for block in of_trial.blocks if isinstance(block, Table | Figure) and block.number]
    assert listed == captions


def test_its_tables_are_those_of_the_screen(of_trial: Document, trial: Data) -> None:
    asked = [entry for entry in protocol(trial) if not entry.figure]
    tables = [block.layout for block in of_trial.blocks if isinstance(block, Table) and block.number]
    for entry, layout in zip(asked, tables, strict=True):
        output = OUTPUTS[entry.output]
        result = output.run(trial, trial.study.populations[0], dict(entry.options))
        assert layout == output.show(result, trial)


def test_a_study_without_biomarkers_says_what_it_lacks(of_pilot: Document, pilot: Data) -> None:
    told = lacks(of_pilot)
    assert told["Planned correlations"] == "The study has no dataset ADBM."
    assert told["Change from baseline by period"] == "The study has no dataset ADQS."
    assert "Change of markers" not in headings(of_pilot)
    shown = [block for block in of_pilot.blocks if isinstance(block, Table | Figure) and block.number]
    assert len(shown) + len(told) == len(protocol(pilot))


def test_what_only_says_that_it_cannot_be_is_lacking(of_pilot: Document, pilot: Data) -> None:
    told = lacks(of_pilot)
    assert told["Forecast of evaluable pairs"] == "The study has no dataset ADBE."
    (name,) = [name for name in told if "eading to discontinuation" in name]
    assert "not collected: AEACN is absent" in told[name]
    assert not any("Forecast" in block.text for block in of_pilot.blocks if isinstance(block, Paragraph | Heading))


def test_the_main_results_are_told_first(of_trial: Document) -> None:
    at = of_trial.blocks.index(Heading("What was found"))
    end = next(place for place, block in enumerate(of_trial.blocks) if place > at and isinstance(block, Heading))
    told = [block.text for block in of_trial.blocks[at + 1 : end] if isinstance(block, Paragraph)]
    assert any(
        text.startswith("AR, nuclear expression: Baseline to Week 9. 16 pairs: mean change -23.8") for text in told
    )
    assert any(
        "6 of 35 markers with an adjusted p (q) below 0.05, paired t-test: PSA in serum, " in text for text in told
    )
    assert any(
        "of N=45 – treatment-emergent: 44 (97.8%); serious: 18 (40.0%); grade 3 or 4: 41 (91.1%)" in text
        for text in told
    )
    assert not any(text.count("Baseline against PSA") > 1 for text in told)


def test_numbers_follow_the_order_of_the_document_and_captions_say_what_they_are_about(trial: Data) -> None:
    words = (
        "paired_change PARAMCD=AR --figure slope",
        "ae_overview",
        "paired_change PARAMCD=KI67 --figure slope",
        "paired_change PARAMCD=KI67",
        "shift",
    )
    made = document(trial, trial.study.populations[0], [Entry.read(each) for each in words])
    shown = [block.caption for block in made.blocks if isinstance(block, Table | Figure) and block.number]
    assert shown[:3] == [
        "Figure 1. AR, nuclear expression: Baseline to Week 9, before and after",
        "Figure 2. Ki-67: Baseline to Week 9, before and after",
        "Table 1. Ki-67: Baseline to Week 9",
    ]
    assert [caption.split(".")[0] for caption in shown[3:]] == ["Table 2", "Table 3"]


def test_methods_are_those_of_the_results_and_stand_once(of_trial: Document, trial: Data) -> None:
    texts = [block.text for block in of_trial.blocks if isinstance(block, Paragraph)]
    for name in ("paired_change", "panel", "ordinal_change"):
        methods = OUTPUTS[name].run(trial, trial.study.populations[0]).methods
        assert texts.count(methods) == 1
    settings = next(dict(block.pairs) for block in of_trial.blocks if isinstance(block, Pairs))
    assert settings["Pre-specified test"] == "paired t-test"
    assert settings["Target of evaluable pairs"] == "30"
    assert settings["Below the limit of quantification"] == "Half the limit"


def test_data_quality_counts_every_record(of_pilot: Document, pilot: Data) -> None:
    layout = next(
        b.layout for b in of_pilot.blocks if isinstance(b, Table) and b.layout.title == "Records of each dataset"
    )
    files = pilot.ask("datasets", pilot.everybody)
    assert [row.label for row in layout.rows] == files.dataset.tolist()
    assert [row.cells[0] for row in layout.rows] == [f"{n:,}" for n in files["read"]]
    doubtful = next(b.layout for b in of_pilot.blocks if isinstance(b, Table) and b.layout.title.startswith("Doubtful"))
    assert sum(int(row.cells[1].replace(",", "")) for row in doubtful.rows) == len(
        pilot.ask("queries", pilot.everybody)
    )


def test_it_names_no_patient_but_below_tables_that_do(of_trial: Document, trial: Data) -> None:
    subjects = trial.ask("subjects", trial.everybody).USUBJID.tolist()
    told: list[str] = []
    for block in of_trial.blocks:
        if isinstance(block, Paragraph):
            told.append(block.text)
        elif isinstance(block, Pairs):
            told += [text for pair in block.pairs for text in pair]
        elif isinstance(block, Figure):
            told += block.notes
        elif isinstance(block, Table):
            told += [text for row in block.layout.rows for text in (row.label, *row.cells)]
    assert not [text for text in told if any(subject in text for subject in subjects)]


def test_of_nobody_there_is_a_report_all_the_same(trial: Data) -> None:
    nobody = trial.study.populations[0].filtered(Where.parse("AGE GT 500"))
    made = document(trial, nobody, protocol(trial))
    assert made.lines[1].startswith("Safety population (N=0), AGE GT 500. ")
    assert all(write(made) for write in REPORT_FORMS.values())


def test_progress_is_told_in_order(pilot: Data) -> None:
    told: list[float] = []
    report(pilot, pilot.study.populations[0], protocol(pilot), "html", lambda done, _: told.append(done))
    assert told == sorted(told)
    assert (
        len(told) == len(protocol(pilot)) + len(lacks(document(pilot, pilot.study.populations[0], protocol(pilot)))) + 1
    )
    assert told[-1] < 1


@pytest.mark.parametrize(
    "words", ["ae_by_term category=serious", "paired_change PARAMCD=AR --figure slope", "shift 'at=Week 4'"]
)
def test_an_entry_reads_as_it_is_written(words: str) -> None:
    assert Entry.read(Entry.read(words).words) == Entry.read(words)


@pytest.mark.parametrize(
    ("words", "says"),
    [
        ("moon", "There is no output moon"),
        ("power --figure", "names no figure"),
        ("power n", "write key=value"),
        ("", "There is no output"),
        ("ae_by_term catgory=serious", "ae_by_term has no option catgory; it has category"),
        ("ae_by_term category=serious category=fatal", "given twice"),
        ("ae_by_term 'category=serious", "never closed"),
        ("power --figure pie", "power has no figure pie; it has"),
    ],
)
def test_an_entry_that_cannot_be_read_says_why(words: str, says: str) -> None:
    with pytest.raises(OptionError, match=says):
        Entry.read(words)


@pytest.mark.parametrize(
    ("words", "label"),
    [
        ("paired_change PARAMCD=AR", "Paired change of one marker (AR, nuclear expression)"),
        ("shift dataset=ADLB PARAMCD=PSA --figure heat_map", "Shift from baseline: shift from baseline (ADLB, PSA)"),
        ("ae_by_grade min_percent=10", "Adverse events by worst grade (Hide terms below (percent): 10)"),
    ],
)
def test_a_label_keeps_the_words_of_the_study_and_names_the_option_of_a_number(
    words: str, label: str, trial: Data
) -> None:
    assert Entry.read(words).label(trial) == label


def test_everything_of_the_catalogue_can_be_chosen(trial: Data) -> None:
    labels = [(entry.figure != "", entry.label(trial)) for entry in every(trial)]
    assert len(set(labels)) == len(labels)
    chosen = {(entry.output, entry.figure) for entry in every(trial)}
    assert {name for name, _ in chosen} == set(OUTPUTS) - {"patient_profile"}
    for name, output in OUTPUTS.items():
        assert name == "patient_profile" or {(name, figure) for figure in output.figures} <= chosen
    for study in (PILOT, TRIAL):
        data = Data.of(study)
        made = document(data, data.study.populations[0], every(data))
        shown = [block for block in made.blocks if isinstance(block, Table | Figure) and block.number]
        assert len(shown) + (len(lacks(made)) if LACKS in headings(made) else 0) == len(every(data))


def test_every_format_holds_the_tables(of_trial: Document) -> None:
    wanted = [row for block in of_trial.blocks if isinstance(block, Table) for row in folded(block.layout)]
    for form, back in (("docx", of_docx), ("rtf", of_rtf)):
        rows = back(REPORT_FORMS[form](of_trial))
        assert [row for row in rows if row in wanted] == wanted
    first = next(block for block in of_trial.blocks if isinstance(block, Table))
    assert of_html(REPORT_FORMS["html"](of_trial)) == [[row.label, *row.cells] for row in first.layout.rows]
    assert b'src="http' not in REPORT_FORMS["html"](of_trial)


def test_the_figures_of_a_docx_are_vectors_with_a_sharp_picture(of_trial: Document) -> None:
    content = ZipFile(io.BytesIO(REPORT_FORMS["docx"](of_trial)))
    n = sum(isinstance(block, Figure) for block in of_trial.blocks)
    vectors = [name for name in content.namelist() if name.endswith(".svg")]
    pictures = [name for name in content.namelist() if name.startswith("word/media/") and name.endswith(".png")]
    assert len(vectors) == len(pictures) == n
    assert all(content.read(name).startswith(b"<svg") for name in vectors)
    sizes = [int.from_bytes(content.read(name)[16:20], "big") for name in pictures]
    drawn = [block.picture.size[0] for block in of_trial.blocks if isinstance(block, Figure)]
    assert sorted(sizes) == pytest.approx(sorted(width / 0.75 * 3 for width in drawn), abs=3)


def test_another_program_opens_it_whole(of_trial: Document, tmp_path: Path) -> None:
    office()
    made = converted({"report.docx": REPORT_FORMS["docx"](of_trial)}, tmp_path)["report.docx"]
    (tmp_path / "typst.pdf").write_bytes(REPORT_FORMS["pdf"](of_trial))
    wanted = pieces(
        [text for block in of_trial.blocks if isinstance(block, Table) for row in folded(block.layout) for text in row]
    )
    for path in (made, tmp_path / "typst.pdf"):
        found = pages(path)
        words = [text.replace("\N{ZERO WIDTH SPACE}", "") for _, _, page in found for text, _, _ in page]
        assert not wanted - pieces(words)
        assert 20 <= len(found) <= 60
        assert all(right <= width and low <= height for width, height, page in found for _, right, low in page)
        width, height, first = found[0]
        numbers = [text for text, right, low in first if right > width - MARGIN - 5 and low < height - MARGIN]
        assert all(text[-1].isdigit() for text in numbers)
        assert len(numbers) == len(of_trial.entries), "the contents tell no pages"


def test_the_command_makes_a_whole_report_in_time(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    start = time.process_time()
    assert main(["report", str(TRIAL), "-o", str(tmp_path / "report.docx")]) == 0
    assert time.process_time() - start < 20
    assert (tmp_path / "report.docx").read_bytes().startswith(b"PK")
    assert "95% Writing the document" in capfd.readouterr().err


def test_the_command_says_what_the_study_lacks_and_names_a_patient_as_recorded(
    tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "one.html"
    asked = ["patient_profile USUBJID=01-701-1015", "panel family=any"]
    assert main(["report", str(PILOT), *asked, "-o", str(file)]) == 0
    told = capfd.readouterr().err
    assert "not in the report. The study has no dataset ADBM." in told
    assert "(01-701-1015)" in told


def test_a_patient_in_a_label_keeps_its_case(trial: Data) -> None:
    assert "CBZ-01-001" in Entry.read("patient_profile USUBJID=CBZ-01-001").label(trial)


def test_the_command_takes_entries_and_filters(tmp_path: Path) -> None:
    file = tmp_path / "few.html"
    assert main(["report", str(PILOT), "ae_by_term category=serious", "--where", "SEX EQ F", "-o", str(file)]) == 0
    page = file.read_text()
    assert "Table 1. Adverse events by system organ class and preferred term: serious" in page
    assert "Table 2." not in page
    assert "Safety population (N=143), SEX EQ F. " in page


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["-o", "x.odt"], "end it with one of .docx, .html, .pdf, .rtf"),
        (["moon", "-o", "x.pdf"], "There is no output moon"),
        (["panel --figure pie", "-o", "x.pdf"], "panel has no figure pie; it has forest"),
        (["ae_by_term catgory=serious", "-o", "x.pdf"], "ae_by_term has no option catgory"),
        (["ae_by_term category=serius", "-o", "x.pdf"], "category=serius is not known; use one of all, teae"),
        (["patient_profile USUBJID=CBZ-1-001", "-o", "x.pdf"], "there is no such subject in this study."),
        (["--population", "Martians", "-o", "x.pdf"], "it has 'Safety'"),
        (["-o", "nowhere/x.pdf"], "there is no folder nowhere"),
        (["-o", "x.pdf", "moon"], "There is no output moon"),
    ],
)
def test_a_wrong_request_is_one_sentence(
    arguments: list[str], says: str, capfd: pytest.CaptureFixture[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    assert main(["report", str(TRIAL), *arguments]) == 2
    assert says in capfd.readouterr().err.splitlines()[-1]
    assert not list(tmp_path.iterdir())
