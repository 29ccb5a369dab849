"""A study of any size, drawn from a seed: skewed terms, frail and robust subjects, missing grades, partial dates."""

from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
from numpy.typing import NDArray

WORK = Path(__file__).parent / ".work"
SOCS, TERMS = 26, 700
FIRST_DOSE = np.datetime64("2021-01-04")
STUDY = """\
id = "bench-{rows}"
title = "A drawn study of {rows} adverse events"
data_cut = 2024-06-30
simulated = true
arm = "TRT01A"

[[periods]]
label = "Before treatment"
kind = "before"

[[periods]]
label = "On treatment"

[[filters]]
variable = "SEX"
label = "Sex"
"""


def study(rows: int) -> Path:
    """Return the folder of the study with that many adverse events in a tenth as many subjects, drawing it once."""
    folder = WORK / f"bench-{rows}"
    if not (folder / "study.toml").exists():
        (folder / "adam").mkdir(parents=True, exist_ok=True)
        rng = np.random.default_rng(20240630)
        subjects, first_dose = _subjects(rng, rows // 10)
        pq.write_table(subjects, folder / "adam/adsl.parquet")
        pq.write_table(_events(rng, rows, subjects, first_dose), folder / "adam/adae.parquet")
        (folder / "study.toml").write_text(STUDY.format(rows=rows), encoding="utf-8")
    return folder


def _subjects(rng: np.random.Generator, n: int) -> tuple[pa.Table, NDArray[np.datetime64]]:
    first_dose = FIRST_DOSE + rng.integers(0, 900, n)
    days = rng.integers(1, 300, n)
    table = {
        "USUBJID": [f"BENCH-{1 + i % 97:03}-{i:07}" for i in range(n)],
        "TRT01A": _pick(rng, n, ("Placebo", "Low dose", "High dose"), (1, 1, 1)),
        "SEX": _pick(rng, n, ("F", "M"), (1, 1)),
        "AGE": rng.integers(40, 90, n).astype(float),
        "SAFFL": _pick(rng, n, ("Y", "N"), (97, 3)),
        "TRTSDT": first_dose,
        "TRTEDT": first_dose + days,
    }
    return pa.table(table), first_dose


def _events(rng: np.random.Generator, n: int, subjects: pa.Table, first_dose: NDArray[np.datetime64]) -> pa.Table:
    frailty = rng.gamma(1.0, size=len(first_dose))
    subject = np.sort(rng.choice(len(first_dose), n, p=frailty / frailty.sum()))
    begin = np.searchsorted(subject, subject)
    frequency = 1 / np.arange(3, TERMS + 3)  # Zipf: the commonest of 700 terms is one event in fifteen.
    term = rng.choice(TERMS, n, p=frequency / frequency.sum())
    soc = rng.integers(0, SOCS, TERMS)[term]
    onset = first_dose[subject] + rng.integers(-10, 300, n)
    partial = rng.random(n) < 0.03
    day = np.datetime_as_string(onset, unit="D")
    collected = np.where(partial, np.datetime_as_string(onset.astype("datetime64[M]")), day)
    columns = {
        "USUBJID": subjects["USUBJID"].take(pa.array(subject)),
        "AESEQ": (np.arange(n) - begin + 1).astype(float),
        "SAFFL": subjects["SAFFL"].take(pa.array(subject)),
        "AETERM": _names("Reported term {:03} in the words of the site", term),
        "AEDECOD": _names("Preferred term {:03}", term),
        "AEBODSYS": _names("System organ class {:02} disorders", soc),
        "AETOXGR": _pick(rng, n, ("1", "2", "3", "4", "5", None), (45, 30, 15, 5, 1, 4)),
        "AESER": _pick(rng, n, ("Y", "N", None), (8, 90, 2)),
        "AEREL": _pick(rng, n, ("NOT RELATED", "UNLIKELY", "POSSIBLE", "PROBABLE", None), (50, 15, 20, 12, 3)),
        "AEACN": _pick(rng, n, ("DOSE NOT CHANGED", "DRUG INTERRUPTED", "DRUG WITHDRAWN", None), (85, 8, 4, 3)),
        "AEOUT": _pick(rng, n, ("RECOVERED/RESOLVED", "NOT RECOVERED/NOT RESOLVED", "FATAL", None), (80, 17, 1, 2)),
        "TRTEMFL": np.where(onset >= first_dose[subject], "Y", "N"),
        "AESTDTC": collected,
        "ASTDT": pa.array(onset, mask=partial),
        "AENDT": onset + rng.integers(0, 60, n),
    }
    return pa.table(columns)


def _pick(
    rng: np.random.Generator, n: int, values: tuple[str | None, ...], weights: tuple[int, ...]
) -> pa.ChunkedArray | pa.Array:
    share = np.array(weights, dtype=float)
    return pa.array(values).take(pa.array(rng.choice(len(values), n, p=share / share.sum())))


def _names(pattern: str, codes: NDArray[np.int64]) -> pa.Array:
    return pa.array([pattern.format(code + 1) for code in range(codes.max() + 1)]).take(pa.array(codes))
