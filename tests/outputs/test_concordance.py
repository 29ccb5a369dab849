"""The planned correlations and the map: each the one of its own page, adjusted by hand, joined by analyte."""

from collections.abc import Callable

import numpy as np
import pytest

from core.ard import Result
from core.data import Data
from core.errors import StudyError
from core.outputs import find
from core.outputs.concordance import planned_moments, rungs
from core.where import Where

Draw = Callable[..., Data]
ADSL = "| USUBJID | TRTSDT | AGE |\n| 01 | 2024-02-01 | 60 |\n| 02 | 2024-02-01 | 61 |"
ADBM = """
    | USUBJID | PARAMCD | AVISIT   | ADT        | AVAL |
    | 01      | TES_S   | Baseline | 2024-01-30 | 1    |
    | 02      | TES_S   | Baseline | 2024-01-30 | 2    |
    | 01      | TES_M   | Baseline | 2024-01-30 | 2    |
    | 02      | TES_M   | Baseline | 2024-01-30 | 1    |
    | 01      | DHT_M   | Baseline | 2024-01-30 | 2    |
"""
TOML = """
[association]
{covariates}
[[association.sets]]
label = "Serum against marrow"
x = "serum"
y = "marrow"
by = "analyte"
[[association.sets]]
label = "Nothing of this study"
x = "MOON"
y = "marrow"
""" + "".join(
    f'[[parameters]]\nPARAMCD = "{code}"\nlabel = "{code}"\nrole = "{role}"\nanalyte = "{analyte}"\n'
    for code, role, analyte in (
        ("TES_S", "serum", "testosterone"), ("SHBG", "serum", ""), ("TES_M", "marrow", "testosterone"),
        ("DHT_M", "marrow", "DHT"), ("NONE_M", "marrow", ""),
    )
)  # fmt: skip


def stats(result: Result, x: str, y: str, x_at: str, y_at: str) -> dict[tuple[str, str], float]:
    ard = result.ard
    part = ard[(ard.variable == x) & (ard.variable_level == x_at) & (ard.group2 == y) & (ard.group2_level == y_at)]
    return dict(zip(zip(part.context, part.stat_name, strict=True), part.stat, strict=True))


def test_measures_are_set_against_each_other_by_what_they_measure(draw: Draw) -> None:
    data = draw(TOML.replace("{covariates}", ""), adsl=ADSL, adbm=ADBM)
    assert [(rung.x, rung.y) for rung in rungs(data)] == [("TES_S", "TES_M")]
    assert planned_moments(data) == ["Baseline"]
    result = find("concordance_ladder").run(data, data.study.population("All subjects"))
    assert stats(result, "TES_S", "TES_M", "Baseline", "Baseline")["spearman", "rho"] == -1
    assert any(note.startswith("Nothing of this study: study.toml sets MOON against marrow") for note in result.notes)


def test_a_covariate_that_does_not_exist_is_refused(draw: Draw) -> None:
    with pytest.raises(StudyError, match=r"association\.covariates names MOON, which is neither a numeric variable"):
        draw(TOML.replace("{covariates}", 'covariates = ["AGE", "MOON"]'), adsl=ADSL, adbm=ADBM)


def test_a_study_that_plans_no_correlation_says_so(draw: Draw) -> None:
    data = draw(adsl=ADSL, adbm=ADBM)
    result = find("concordance_ladder").run(data, data.study.population("All subjects"))
    assert result.ard.empty
    assert "plans no correlations" in result.notes[0]
    assert find("concordance_ladder").figures["ladder"].draw(result, data).to_dict()


@pytest.mark.parametrize("output", ["concordance_ladder", "association_matrix"])
@pytest.mark.parametrize("rule", ["half", "lowest"])
def test_each_of_many_is_the_one_of_its_own_page(trial: Data, output: str, rule: str) -> None:
    safety = trial.study.populations[0]
    given = {"x_family": "circulating_androgen", "y_family": "marrow_androgen", "y_at": "Week 9-Baseline"}
    many = find(output).run(trial, safety, {"blq": rule} | (given if output == "association_matrix" else {}))
    assert len(many.records) > 10
    for cell in many.records.sample(12, random_state=1).itertuples():
        asked = {"x": cell.x, "x_at": cell.x_at, "y": cell.y, "y_at": cell.y_at, "blq": rule}
        alone = find("association").run(trial, safety, asked)
        own, here = (stats(each, cell.x, cell.y, cell.x_at, cell.y_at) for each in (alone, many))
        for name in ("n", "rho", "p_value", "conf_low", "conf_high", "exact"):
            assert here["spearman", name] == pytest.approx(own["spearman", name], nan_ok=True, rel=1e-12), (cell, name)
        assert cell.rho == pytest.approx(here["spearman", "rho"], nan_ok=True)


def test_q_is_over_all_moments_of_a_family_computed_by_hand(trial: Data) -> None:
    result = find("concordance_ladder").run(trial, trial.study.populations[0])
    sizes = result.records.groupby("family", sort=False).size()
    assert sizes.tolist() == [24, 12], "eight markers and four analytes, before, after, and change against change"
    for _, family in result.records.groupby("family"):
        p = family.p.dropna().sort_values()
        m = len(p)
        q = [min(1.0, *(p.iloc[j] * m / (j + 1) for j in range(i, m))) for i in range(m)]
        assert family.q[p.index].tolist() == pytest.approx(q)
        assert family.q[family.p.isna()].isna().all()


def test_the_map_has_no_marker_against_itself_and_is_symmetric(trial: Data) -> None:
    given = {"x_family": "marrow_androgen", "y_family": "marrow_androgen"}
    records = find("association_matrix").run(trial, trial.study.populations[0], given).records
    assert (records.x != records.y).all()
    wide = records.pivot(index="y", columns="x", values="rho")
    np.testing.assert_allclose(wide.to_numpy(), wide.loc[wide.index, wide.index].to_numpy().T, equal_nan=True)
    other_time = find("association_matrix").run(trial, trial.study.populations[0], given | {"y_at": "Week 9"}).records
    assert (other_time.x == other_time.y).sum() == 4


def test_a_filter_makes_the_ladder_exploratory(trial: Data) -> None:
    result = find("concordance_ladder").run(trial, trial.study.populations[0].filtered(Where.parse("SITEID EQ 01")))
    assert result.unplanned == ("only subjects with SITEID EQ 01",)
    assert result.answer.endswith("Exploratory.")
