"""What holds of every output of adverse events, whatever the study."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from core.ard import KEY, Result
from core.data import Data
from core.outputs import find
from core.outputs.categories import CATEGORIES
from core.where import Where
from tests.conftest import TRIAL

SAFETY = (
    "ae_overview", "ae_by_term", "ae_by_grade", "ae_incidence", "ae_rates", "ae_listing", "sae_narratives", "ae_prevalence",
    "ae_by_cycle", "ae_timeline",
)  # fmt: skip


def run(data: Data, output: str, **options: object) -> Result:
    mine = {option.name for option in find(output).options}
    return find(output).run(
        data, data.study.populations[0], {name: value for name, value in options.items() if name in mine}
    )


def wide(result: Result, *stats: str) -> pd.DataFrame:
    """One row per key but stat_name, one column per statistic."""
    ard = result.ard[result.ard.stat_name.isin(stats)]
    return ard.pivot(
        index=[name for name in KEY if name != "stat_name"], columns="stat_name", values="stat"
    ).reset_index()


@pytest.fixture(scope="module")
def shuffled(tmp_path_factory: pytest.TempPathFactory) -> Data:
    """The shipped trial with the rows of every dataset in another order."""
    folder = tmp_path_factory.mktemp("shuffled")
    (folder / "adam").mkdir()
    (folder / "study.toml").write_text((TRIAL / "study.toml").read_text())
    for number, path in enumerate(sorted((TRIAL / "adam").glob("*.csv"))):
        head, *lines = path.read_text().splitlines(keepends=True)
        order = np.random.default_rng(number).permutation(len(lines))
        (folder / "adam" / path.name).write_text(head + "".join(lines[place] for place in order))
    return Data.of(folder)


def _folder_without(column: str, folder: Path, seed: int | None) -> Path:
    """The shipped trial without a variable of ADAE, its rows in the order of a seed."""
    (folder / "adam").mkdir(parents=True)
    (folder / "study.toml").write_text((TRIAL / "study.toml").read_text())
    for path in sorted((TRIAL / "adam").glob("*.csv")):
        frame = pd.read_csv(path, dtype=str, keep_default_na=False)
        if path.stem == "adae":
            frame = frame.drop(columns=column)
        frame = frame if seed is None else frame.sample(frac=1, random_state=seed)
        frame.to_csv(folder / "adam" / path.name, index=False)
    return folder


def same(one: Result, other: Result) -> None:
    pd.testing.assert_frame_equal(one.ard, other.ard)
    assert one.notes == other.notes
    drop = {"row"} & set(one.records)
    pd.testing.assert_frame_equal(one.records.drop(columns=drop), other.records.drop(columns=drop))


@pytest.mark.parametrize("options", [{"category": "all", "columns": "APERIODC"}, {}], ids=["all by period", "defaults"])
@pytest.mark.parametrize("output", SAFETY)
def test_the_order_of_rows_changes_nothing(trial: Data, shuffled: Data, output: str, options) -> None:  # type: ignore[no-untyped-def]
    same(run(trial, output, **options), run(shuffled, output, **options))


@pytest.mark.parametrize("output", SAFETY)
def test_nor_does_it_where_events_have_no_number(tmp_path_factory: pytest.TempPathFactory, output: str) -> None:
    root = Path(tmp_path_factory.getbasetemp()) / "unnumbered"
    if not root.exists():
        for name, seed in (("plain", None), ("mixed", 1)):
            _folder_without("AESEQ", root / name, seed)
    same(run(Data.of(root / "plain"), output, category="all"), run(Data.of(root / "mixed"), output, category="all"))


@pytest.fixture(params=["trial", "pilot"])
def study(request: pytest.FixtureRequest) -> Data:
    return request.getfixturevalue(request.param)


@pytest.mark.parametrize("category", CATEGORIES)
def test_worst_grades_and_missing_sum_to_any_event(study: Data, category: str) -> None:
    ard = run(study, "ae_by_grade", category=category, columns="APERIODC").ard
    grades = [*study.study.adverse_events.levels, "missing"]
    for stat in ("n", "events"):
        table = ard[ard.stat_name == stat].pivot(
            index=["variable", "variable_level", "group2_level", "group1_level"], columns="context", values="stat"
        )
        table = table[table["any"].notna()]
        assert (table[grades].sum(axis=1) == table["any"]).all()


@pytest.mark.parametrize("category", ["all", "teae", "serious"])
@pytest.mark.parametrize(
    "output, context",
    [("ae_by_term", ""), ("ae_rates", "first_event"), ("ae_rates", "all_events"), ("ae_overview", "")],
)
def test_no_column_exceeds_the_total(study: Data, output: str, context: str, category: str) -> None:
    for columns in ("APERIODC", "TRT01A"):
        ard = run(study, output, category=category, columns=columns).ard
        names = ["n", "N", "events", "patient_months"]
        # A subject's worst grade of all time is another than that of a period, and has fewer there.
        ard = ard[(ard.context == context) & ard.stat_name.isin(names) & (ard.variable != "GRADE")]
        if output == "ae_rates":
            first = ard.stat_name.eq("patient_months") & (context == "first_event")
            ard = ard[~first]
        table = ard.pivot(
            index=["variable", "variable_level", "group2_level", "stat_name"], columns="group1_level", values="stat"
        )
        for column in table.columns:
            assert (table[column].fillna(0) <= table["Total"].fillna(0) + 1e-9).all(), column


@pytest.mark.parametrize("columns", ["none", "APERIODC", "TRT01A"])
@pytest.mark.parametrize("category", ["all", "serious", "grade34"])
def test_an_interval_holds_its_rate_and_its_share(study: Data, category: str, columns: str) -> None:
    result = run(study, "ae_rates", category=category, columns=columns)
    first = wide(result, "rate", "conf_low", "conf_high", "n", "n_at_risk", "N", "patient_months")
    first = first[first.context == "first_event"].dropna(subset=["rate"])
    assert ((first.conf_low <= first.rate) & (first.rate <= first.conf_high)).all()
    assert ((first.n <= first.n_at_risk) & (first.n_at_risk <= first.N)).all()
    assert ((first.conf_low == 0) == (first.n == 0)).all()
    share = wide(result, "estimate", "conf_low", "conf_high")
    share = share.dropna(subset=["estimate"])
    assert share.estimate.between(0, 1 + 1e-12).all()
    share = share.dropna(subset=["conf_low"])
    assert ((share.conf_low <= share.estimate) & (share.estimate <= share.conf_high)).all()


@pytest.mark.parametrize("columns", ["none", "APERIODC", "TRT01A"])
def test_cumulative_incidences_never_fall_nor_exceed_one_together(study: Data, columns: str) -> None:
    ard = run(study, "ae_rates", category="teae", columns=columns).ard
    curves = ard[ard.context.str.startswith("curve_") & (ard.stat_name == "estimate")]
    for _, curve in curves.groupby(["group1_level", "context"]):
        assert (curve.stat.diff().dropna() >= -1e-12).all()
    together = curves.groupby(["group1_level", "group2_level"]).stat.sum()
    assert (together <= 1 + 1e-9).all()


@pytest.mark.parametrize("columns", ["none", "APERIODC", "TRT01A"])
def test_no_more_are_ongoing_than_are_under_observation(study: Data, columns: str) -> None:
    result = run(study, "ae_prevalence", category="all", columns=columns)
    table = wide(result, "n", "N")
    assert (table.n <= table.N).all()
    graded = table[table.context != "any"].groupby(["group1_level", "variable_level"]).n.sum()
    whole = table[table.context == "any"].set_index(["group1_level", "variable_level"]).n
    pd.testing.assert_series_equal(graded.sort_index(), whole.sort_index(), check_names=False)


@pytest.mark.parametrize("block", ["week", "four_weeks"])
def test_no_more_have_a_new_event_than_entered_the_block(study: Data, block: str) -> None:
    table = wide(run(study, "ae_by_cycle", category="all", block=block, terms=60), "n", "N")
    assert (table.n <= table.N).all()
    every = table[table.variable == "ANY"].set_index("context").n
    assert (table.n <= table.context.map(every)).all()


CONDITIONS = st.sampled_from(
    ["AGE GE 70", "SITEID EQ 01", "ECOGGR1 EQ 0-1", "VISCERAL EQ Y", "ADAE.AESER EQ Y", "PRIORABI EQ N"]
)


@settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(CONDITIONS, CONDITIONS, st.sampled_from(SAFETY))
def test_filters_commute(trial: Data, one: str, other: str, output: str) -> None:
    first, second = Where.parse(one), Where.parse(other)
    safety = trial.study.populations[0]
    here = find(output).run(trial, safety.filtered(first).filtered(second), {})
    there = find(output).run(trial, safety.filtered(second).filtered(first), {})
    pd.testing.assert_frame_equal(here.ard, there.ard)
    assert here.N == there.N


@settings(max_examples=10, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    st.sampled_from(["AGE GE 70", "SITEID EQ 01", "VISCERAL EQ Y"]),
    st.sampled_from(list(CATEGORIES)),
    st.integers(1, 400),
)
def test_the_outputs_agree_on_who_had_what(trial: Data, condition: str, category: str, by_day: int) -> None:
    population = trial.study.populations[0].filtered(Where.parse(condition))

    def of(output: str, **options: object) -> pd.Series:
        ard = find(output).run(trial, population, {"category": category, **options}).ard
        any_event = ard[(ard.variable == "ANY") & (ard.group1_level == "Total")]
        return any_event.set_index(["context", "stat_name"]).stat

    term, listed, course = of("ae_by_term"), of("ae_listing"), of("ae_timeline")
    for name in ("n", "N", "events"):
        assert term["", name] == listed["", name] == course["", name]
    rates = of("ae_rates", by_day=by_day)
    assert rates["first_event", "n"] <= term["", "n"]
    assert rates["all_events", "events"] <= term["", "events"]
