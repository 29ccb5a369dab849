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
from core.tables.layout import Layout
from core.where import Where

EVERY = pytest.mark.parametrize("output", OUTPUTS.values(), ids=OUTPUTS)


def test_every_file_with_an_output_is_in_the_catalogue() -> None:
    files = {path.stem for path in Path(package.__file__).parent.glob("*.py") if "OUTPUT = Output(" in path.read_text()}
    assert files == set(OUTPUTS)


@EVERY
def test_results_have_the_columns_and_unique_rows(output: Output, pilot: Data) -> None:
    for columns in ("none", "TRT01A", "APERIODC"):
        ard = output.run(pilot, pilot.study.populations[0], {"columns": columns}).ard
        assert tuple(ard.columns) == COLUMNS
        assert len(ard)
        assert not ard.duplicated(list(KEY)).any()
        assert set(ard.group1) == ({""} if columns == "none" else {columns})


@EVERY
def test_every_empty_stat_says_why(output: Output, pilot: Data) -> None:
    nobody = pilot.study.populations[0].filtered(Where.parse("AGE GT 500"))
    for population in (pilot.study.populations[0], nobody):
        ard = output.run(pilot, population, {}).ard
        assert (ard.warning[ard.stat.isna()] != "").all()
        assert (ard.warning[ard.stat.notna()] == "").all()


@EVERY
def test_nobody_on_view_is_an_answer(output: Output, pilot: Data) -> None:
    nobody = pilot.study.populations[0].filtered(Where.parse("AGE GT 500"))
    result = output.run(pilot, nobody, {"columns": "TRT01A"})
    assert result.N == 0
    assert result.notes[0].startswith("No subject meets")
    assert (result.ard[result.ard.stat_name == "N"].stat == 0).all()
    assert (result.ard[result.ard.stat_name == "n"].stat.dropna() == 0).all()
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


@EVERY
def test_a_column_without_subjects_still_prints(output: Output, pilot: Data) -> None:
    women = pilot.study.populations[0].filtered(Where.parse("SEX EQ F"))
    result = output.run(pilot, women, {"columns": "SEX"})
    N = result.ard[result.ard.stat_name == "N"].drop_duplicates("group1_level").set_index("group1_level").stat
    assert N.to_dict() == {"F": 143, "M": 0, "Total": 143}


@EVERY
def test_a_wrong_option_names_what_would_do(output: Output, pilot: Data) -> None:
    population = pilot.study.populations[0]
    with pytest.raises(OptionError, match=r"it has .*columns"):
        output.run(pilot, population, {"colour": "red"})
    with pytest.raises(OptionError, match="use one of none, TRT01A"):
        output.run(pilot, population, {"columns": "NOSUCH"})
    with pytest.raises(OptionError, match=r"from 0\.5 to 0\.999"):
        output.run(pilot, population, {"conf": "95"})


def test_an_unknown_output_names_those_there_are() -> None:
    with pytest.raises(OptionError, match="ae_by_term"):
        find("ae_by_moon")


@EVERY
def test_defaults_are_valid_and_every_option_has_help(output: Output, pilot: Data) -> None:
    read = output.read({}, pilot)
    assert set(read) == {option.name for option in output.options}
    assert all(option.help for option in output.options)


def test_confidence_level_widens_limits(pilot: Data) -> None:
    population = pilot.study.populations[0]
    limits = {}
    for conf in (0.8, 0.99):
        ard = find("ae_by_term").run(pilot, population, {"conf": conf}).ard
        limits[conf] = pd.pivot_table(ard, index="variable_level", columns="stat_name", values="stat").conf_high
    assert (limits[0.99] >= limits[0.8]).all()
