"""Adverse events by worst grade, from the snapshot to analysis results, beside polars, pandas and DuckDB over text.

Every contender counts the subjects of the safety population once per preferred term, once per SOC and once
altogether, at the worst grade, and their percentages. Ours alone also counts events, adds the groups of
grades and the exact limits, and returns analysis results; the others return their counts, keyed alike.
All have what they read in memory before the clock starts, but for the line that opens the snapshot as well.
"""

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import duckdb
import pandas as pd
import polars as pl

from bench.measure import heading, line, peak_memory, race
from bench.study import study
from core.ard import Result
from core.data import Data
from core.ingest import snapshot
from core.outputs import OUTPUTS
from core.study import load

BUDGET = {1_000_000: 0.3, 10_000_000: 3.0}
MEMORY_BUDGET = 2e9
OPTIONS = {"category": "all", "columns": "none"}
TEXTS = ["USUBJID", "SAFFL", "AEBODSYS", "AEDECOD", "AETOXGR"]
MISSING = 0

Counts = dict[tuple[str, str, int], int]
"""SOC and PT ("" for all of them) and worst grade (0: missing) -> subjects."""

SQL = """
WITH graded AS (
    SELECT USUBJID, AEBODSYS, AEDECOD, coalesce(CAST(AETOXGR AS UTINYINT), 0) AS grade FROM ae WHERE SAFFL = 'Y'
),
pt AS (SELECT USUBJID, AEBODSYS, AEDECOD, max(grade) AS grade FROM graded GROUP BY ALL),
soc AS (SELECT USUBJID, AEBODSYS, max(grade) AS grade FROM pt GROUP BY ALL),
whole AS (SELECT USUBJID, max(grade) AS grade FROM soc GROUP BY ALL),
counted AS (
    SELECT AEBODSYS AS soc, AEDECOD AS pt, grade, count(*) AS n FROM pt GROUP BY ALL
    UNION ALL SELECT AEBODSYS, '', grade, count(*) FROM soc GROUP BY ALL
    UNION ALL SELECT '', '', grade, count(*) FROM whole GROUP BY ALL
)
SELECT soc, pt, grade, n, 100 * n / $N AS percent FROM counted
"""


def run(rows: int) -> None:
    """Print how long each contender takes; raise when two of them disagree."""
    folder = study(rows)
    data = Data.of(folder)
    peak = _peak(folder)
    with duckdb.connect() as connection:
        contenders = _contenders(data, folder, connection)
        _agree({name: count(compute()) for name, (compute, count) in contenders.items()})
        timings = race({name: compute for name, (compute, _) in contenders.items()}, runs=7 if rows <= 1_000_000 else 3)
    data.close()
    heading(f"Adverse events by worst grade: {rows:,} records, {rows // 10:,} subjects")
    ours, *_ = timings.values()
    for name, timing in timings.items():
        line(name, timing, BUDGET.get(rows) if timing is ours else None, ours)
    verdict = "within" if peak < MEMORY_BUDGET else "OVER"
    print(
        f"  {'Marrowscope, peak memory of a process':42}{peak / 1e9:6.2f} GB{'':27}{verdict} {MEMORY_BUDGET / 1e9:g} GB"
    )


def ours(data: Data) -> Result:
    """Compute the output for the safety population."""
    return OUTPUTS["ae_by_grade"].run(data, data.study.population("Safety"), OPTIONS)


def _opened(path: Path) -> Result:
    data = Data(path)
    try:
        return ours(data)
    finally:
        data.close()


Contender = tuple[Callable[[], Any], Callable[[Any], Counts]]


def _contenders(data: Data, folder: Path, connection: duckdb.DuckDBPyConnection) -> dict[str, Contender]:
    """Name -> what is timed, and how its answer becomes counts; the frames are in memory before the clock starts."""
    N = int(data.ask("subject_count", data.study.population("Safety")).N[0])
    path = snapshot.place(load(folder))
    adae = folder / "adam/adae.parquet"
    text = pl.read_parquet(adae, columns=TEXTS)
    coded = text.with_columns(pl.col(TEXTS[:-1]).cast(pl.Categorical), pl.col("AETOXGR").cast(pl.UInt8))
    pandas_text = pd.read_parquet(adae, columns=TEXTS)
    pandas_coded = pandas_text.astype(dict.fromkeys(TEXTS[:-1], "category") | {"AETOXGR": "Int8"})
    connection.execute(
        "CREATE TABLE ae AS SELECT USUBJID, SAFFL, AEBODSYS, AEDECOD, AETOXGR FROM read_parquet(?)", [str(adae)]
    )
    return {
        "Marrowscope, snapshot to results": (lambda: ours(data), _from_results),
        "Marrowscope, opening the snapshot as well": (lambda: _opened(path), _from_results),
        "polars, text": (lambda: _polars(text, N), _from_polars),
        "polars, categorical": (lambda: _polars(coded, N), _from_polars),
        "pandas, text": (lambda: _pandas(pandas_text, N), _from_pandas),
        "pandas, categorical": (lambda: _pandas(pandas_coded, N), _from_pandas),
        "DuckDB, text": (lambda: connection.execute(SQL, {"N": N}).df(), _from_pandas),
    }


def _polars(ae: pl.DataFrame, N: int) -> list[pl.DataFrame]:
    grade = pl.col("AETOXGR").cast(pl.UInt8).fill_null(MISSING).alias("grade")
    graded = ae.lazy().filter(pl.col("SAFFL") == "Y").select("USUBJID", "AEBODSYS", "AEDECOD", grade)
    pt = graded.group_by("USUBJID", "AEBODSYS", "AEDECOD").agg(pl.col("grade").max())
    soc = pt.group_by("USUBJID", "AEBODSYS").agg(pl.col("grade").max())
    whole = soc.group_by("USUBJID").agg(pl.col("grade").max())
    tables = (pt.group_by("AEBODSYS", "AEDECOD", "grade"), soc.group_by("AEBODSYS", "grade"), whole.group_by("grade"))
    return pl.collect_all([t.agg(n=pl.len()).with_columns(percent=100 * pl.col("n") / N) for t in tables])


def _pandas(ae: pd.DataFrame, N: int) -> pd.DataFrame:
    graded = ae[ae.SAFFL == "Y"]
    graded = graded.assign(grade=pd.to_numeric(graded.AETOXGR).fillna(MISSING).astype("int8"))
    by = {"observed": True, "sort": False, "as_index": False}
    pt = graded.groupby(["USUBJID", "AEBODSYS", "AEDECOD"], **by).grade.max()
    soc = pt.groupby(["USUBJID", "AEBODSYS"], **by).grade.max()
    whole = soc.groupby("USUBJID", **by).grade.max()
    tables = ((pt, ["AEBODSYS", "AEDECOD", "grade"]), (soc, ["AEBODSYS", "grade"]), (whole, ["grade"]))
    counted = pd.concat([table.groupby(keys, **by).size() for table, keys in tables], ignore_index=True)
    counted = counted.rename(columns={"AEBODSYS": "soc", "AEDECOD": "pt", "size": "n"})
    return counted.assign(percent=100 * counted.n / N)


def _from_results(result: Result) -> Counts:
    ard = result.ard
    n = ard[(ard.stat_name == "n") & ard.context.isin(["missing", "1", "2", "3", "4", "5"]) & (ard.stat > 0)]
    soc = n.variable_level.where(n.variable == "SOC", n.group2_level)
    pt = n.variable_level.where(n.variable == "PT", "")
    return dict(
        zip(zip(soc, pt, n.context.replace("missing", "0").astype(int), strict=True), n.stat.astype(int), strict=True)
    )


def _from_polars(tables: list[pl.DataFrame]) -> Counts:
    return {
        (row.get("AEBODSYS", ""), row.get("AEDECOD", ""), row["grade"]): row["n"]
        for table in tables
        for row in table.to_dicts()
    }


def _from_pandas(table: pd.DataFrame) -> Counts:
    keys = table[["soc", "pt"]].astype(object).fillna("")
    return dict(zip(zip(keys.soc, keys.pt, table.grade, strict=True), table.n, strict=True))


def _agree(counts: dict[str, Counts]) -> None:
    (first, expected), *others = counts.items()
    for name, found in others:
        if found != expected:
            differing = sorted(key for key in expected.keys() | found.keys() if expected.get(key) != found.get(key))
            key = differing[0]
            raise SystemExit(
                f"{name} and {first} differ in {len(differing)} of {len(expected)} counts, such as {key}: "
                f"{found.get(key)} and {expected.get(key)}. No time means anything until they agree."
            )


def _peak(folder: Path) -> int:
    """Return the peak memory of a fresh process that opens the snapshot and computes the output once."""
    told = subprocess.run(
        [sys.executable, "-m", "bench.grade", str(folder)], check=True, capture_output=True, text=True
    )
    return int(told.stdout)


if __name__ == "__main__":
    ours(Data.of(sys.argv[1]))
    print(peak_memory())
