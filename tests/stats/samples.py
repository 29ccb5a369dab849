"""Differences to test with: recorded to a tenth, so full of ties, zeros and rounding noise; or fine, with hardly any."""

import dataclasses
from typing import Any

import numpy as np
from hypothesis import strategies as st
from numpy.typing import NDArray

Floats = NDArray[np.float64]

readings = st.integers(0, 40).map(lambda tenths: tenths / 10)
recorded = st.tuples(readings, readings).map(lambda pair: pair[1] - pair[0])
fine = st.integers(-(10**7), 10**7).map(lambda k: k / 10**4)
missing = st.just(float("nan"))


def changes(least: int = 0, most: int = 40, present: bool = False) -> st.SearchStrategy[Floats]:
    """The differences of one marker."""
    kinds = (recorded, fine) if present else (recorded | missing, fine | missing)
    return st.one_of(*(st.lists(kind, min_size=least, max_size=most) for kind in kinds)).map(
        lambda drawn: np.array(drawn, dtype=float)
    )


def markers(rows: int = 6, most: int = 20) -> st.SearchStrategy[Floats]:
    """The differences of several markers, coarse and fine ones together."""
    cell = recorded | missing | fine
    return st.integers(1, most).flatmap(
        lambda n: st.lists(st.lists(cell, min_size=n, max_size=n), min_size=1, max_size=rows).map(
            lambda drawn: np.array(drawn, dtype=float)
        )
    )


def fields(found: Any) -> dict[str, Any]:
    """A dataclass as names and values, arrays left as they are."""
    return {field.name: getattr(found, field.name) for field in dataclasses.fields(found)}


def alike(found: Any, expected: Any, close: float = 1e-12) -> None:
    """Hold that two answers are the same."""
    for name, value in fields(expected).items():
        np.testing.assert_allclose(fields(found)[name], value, rtol=close, atol=close, err_msg=name)
