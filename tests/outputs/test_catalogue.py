"""What holds for every output of the catalogue, now and later."""

from pathlib import Path

import pandas as pd
import pytest

import core.outputs as package
from core.ard import COLUMNS, KEY
from core.data import Data
from core.errors import OptionError
from core.outputs import OUTPUTS, find
from core.outputs.catalogue import Output
from core.outputs.power import OF_A_PLAN
from core.tables.layout import Layout
from core.where import Condition, Where

EVERY = pytest.mark.parametrize("output", OUTPUTS.values(), ids=OUTPUTS)
COLUMNED = {name: output for name, output in OUTPUTS.items() if "columns" in {o.name for o in output.options}}
WITH_COLUMNS = pytest.mark.parametrize("output", COLUMNED.values(), ids=COLUMNED)


@pytest.fixture
def study(output: Output, pilot: Data, trial: Data) -> Data:
    """A shipped study that has what the output is about."""
    return pilot if output.needs in pilot.schema else trial


def test_every_file_with_an_output_is_in_the_catalogue() -> None:
    files = {path.stem for path in Path(package.__file__).parent.glob("*.py") if "OUTPUT = Output(" in path.read_text()}
    assert files == set(OUTPUTS)


@EVERY
def test_results_have_the_columns_and_unique_rows(output: Output, study: Data) -> None:
    ard = output.run(study, study.study.populations[0]).ard
    assert tuple(ard.columns) == COLUMNS
    assert len(ard)
    assert not ard.duplicated(list(KEY)).any()
    assert set(ard.group1) == {""}


@WITH_COLUMNS
@pytest.mark.parametrize("columns", ["TRT01A", "APERIODC"])
def test_columns_are_the_first_group(output: Output, columns: str, pilot: Data) -> None:
    ard = output.run(pilot, pilot.study.populations[0], {"columns": columns}).ard
    assert not ard.duplicated(list(KEY)).any()
    assert set(ard.group1) == {columns}


@EVERY
def test_every_empty_stat_says_why(output: Output, study: Data) -> None:
    nobody = study.study.populations[0].filtered(Where.parse("AGE GT 500"))
    for population in (study.study.populations[0], nobody):
        ard = output.run(study, population, {}).ard
        assert (ard.warning[ard.stat.isna()] != "").all()
        assert (ard.warning[ard.stat.notna()] == "").all()


@EVERY
def test_nobody_on_view_is_an_answer(output: Output, study: Data) -> None:
    nobody = study.study.populations[0].filtered(Where.parse("AGE GT 500"))
    result = output.run(study, nobody)
    assert result.N == 0
    assert result.notes[0].startswith("No subject meets")
    people = result.ard[~result.ard.context.isin(OF_A_PLAN)]
    assert (people[people.stat_name.isin(["N", "n", "n_pairs"])].stat.dropna() == 0).all()
    assert output.show(result, study)
    for figure in output.figures.values():
        assert figure.draw(result, study).to_dict()


@EVERY
def test_of_somebody_who_has_nothing_there_is_an_answer(output: Output, pilot: Data, trial: Data) -> None:
    """People are on view, but none with an event: the rarest category of all says the same where it can be chosen."""
    fatal = {"category": "fatal"} if "category" in {option.name for option in output.options} else {}
    for data in (pilot, trial):
        asked = {"wanted": 0, "position": 0, "soc": None, "pt": None}
        ill = set(data.ask("adverse_events", data.everybody, **asked).USUBJID)
        spared = next(subject for subject in data.subject_ids if subject not in ill)
        one = data.everybody.filtered(Where(Condition("USUBJID", "EQ", (spared,))))
        result = output.run(data, one, fatal)
        assert result.N == 1
        assert output.show(result, data)
        for figure in output.figures.values():
            assert figure.draw(result, data).to_dict()


@WITH_COLUMNS
def test_of_nobody_every_column_has_its_empty_denominator(output: Output, pilot: Data) -> None:
    nobody = pilot.study.populations[0].filtered(Where.parse("AGE GT 500"))
    result = output.run(pilot, nobody, {"columns": "TRT01A"})
    assert (result.ard[result.ard.stat_name == "N"].stat == 0).all()
    shown = output.show(result, pilot)
    if isinstance(shown, Layout):
        assert any(column.label.endswith("(N=0)") or column.spanner.endswith("(N=0)") for column in shown.columns)
    else:
        assert shown.to_dict()


@EVERY
def test_a_study_without_the_dataset_says_so(output: Output, draw) -> None:
    data = draw(adsl="| USUBJID | TRTSDT     |\n| 01      | 2024-01-01 |")
    result = output.run(data, data.study.populations[0])
    if output.needs != "ADSL":
        assert f"no dataset {output.needs}" in result.notes[0]
        assert result.ard.empty
    assert output.show(result, data) is not None


@WITH_COLUMNS
def test_a_column_without_subjects_still_prints(output: Output, pilot: Data) -> None:
    women = pilot.study.populations[0].filtered(Where.parse("SEX EQ F"))
    result = output.run(pilot, women, {"columns": "SEX"})
    N = result.ard[result.ard.stat_name == "N"].drop_duplicates("group1_level").set_index("group1_level").stat
    assert N.to_dict() == {"F": 143, "M": 0, "Total": 143}


@EVERY
def test_a_wrong_option_names_what_would_do(output: Output, study: Data) -> None:
    population = study.study.populations[0]
    with pytest.raises(OptionError, match=f"it has .*{output.options[0].name}"):
        output.run(study, population, {"colour": "red"})
    with pytest.raises(OptionError, match=r"from 0\.5 to 0\.999"):
        output.run(study, population, {"conf": "95"})
    for option in output.options:
        if option.kind == "choice":
            with pytest.raises(OptionError, match=f"{option.name}=NOSUCH is not known; ") as caught:
                output.run(study, population, {option.name: "NOSUCH"})
            assert ("use one of" in str(caught.value)) != option.of_people
            assert not any(subject in str(caught.value) for subject in study.subject_ids)


@EVERY
def test_every_figure_draws_and_names_what_a_click_chooses(output: Output, study: Data) -> None:
    result = output.run(study, study.study.populations[0])
    for figure in output.figures.values():
        drawn = figure.draw(result, study).to_dict()
        chosen = [param for param in drawn["params"] if param["name"] == "chosen"]
        assert chosen[0]["select"]["fields"] == [figure.selects]


def test_an_unknown_output_names_those_there_are() -> None:
    with pytest.raises(OptionError, match="ae_by_term"):
        find("ae_by_moon")


@EVERY
def test_defaults_are_valid_and_every_option_has_help(output: Output, pilot: Data, trial: Data) -> None:
    for data in (pilot, trial):
        read = output.read({}, data)
        assert set(read) == {option.name for option in output.options}
        if output.needs in data.schema:
            assert output.read(read, data) == read
    assert all(option.help for option in output.options)


def test_confidence_level_widens_limits(pilot: Data) -> None:
    population = pilot.study.populations[0]
    limits = {}
    for conf in (0.8, 0.99):
        ard = find("ae_by_term").run(pilot, population, {"conf": conf}).ard
        limits[conf] = pd.pivot_table(ard, index="variable_level", columns="stat_name", values="stat").conf_high
    assert (limits[0.99] >= limits[0.8]).all()
