"""The values of two cuts: when one is another, however it is written."""

import re
from decimal import Decimal

import numpy as np
import pandas as pd
from numpy.typing import NDArray

PLAIN = re.compile(r"[-+]?(0|[1-9][0-9]*)(\.[0-9]+)?(e[-+][0-9]{2,3})?")
"""A number as a file or Python writes it; 007 is an identifier."""


def as_text(values: pd.Series) -> pd.Series:
    """Return values as a reader would write them; a missing one is empty.

    Examples
    --------
    >>> as_text(pd.Series([1.0, 0.1, None])).tolist(), as_text(pd.Series(["01", None])).tolist()
    (['1', '0.1', ''], ['01', ''])
    """
    if pd.api.types.is_datetime64_any_dtype(values):
        texts = values.dt.strftime("%Y-%m-%d")
    elif pd.api.types.is_numeric_dtype(values):
        texts = values.map(lambda value: repr(float(value)).removesuffix(".0"), na_action="ignore")
    else:
        texts = values
    return texts.astype(object).where(values.notna(), "").astype(str)


def plain(texts: pd.Series) -> pd.Series:
    """Write numbers among texts in one way, digit by digit, so that a column is not another because one of its values is a word."""
    return texts.map(lambda text: _short(f"{Decimal(text):f}") if PLAIN.fullmatch(text) else text)


def _short(number: str) -> str:
    """Return a number without the zeros behind its last decimal.

    Examples
    --------
    >>> _short("1.50"), _short("10"), _short("0.0"), _short("-0.0"), _short("12345678901234567.0")
    ('1.5', '10', '0', '0', '12345678901234567')
    """
    short = number.rstrip("0").rstrip(".") if "." in number else number
    return "0" if short == "-0" else short


def _is_text(values: pd.Series) -> bool:
    return not pd.api.types.is_numeric_dtype(values) and not pd.api.types.is_datetime64_any_dtype(values)


def differ(earlier: pd.Series, later: pd.Series) -> NDArray[np.bool_]:
    """Return which values are others; a number is itself however it is written, and a long identifier is no number."""
    if earlier.dtype == later.dtype and not _is_text(earlier):
        return ((earlier != later) & ~(earlier.isna() & later.isna())).to_numpy(dtype=bool)
    before, after = as_text(earlier).to_numpy(), as_text(later).to_numpy()
    differ = before != after
    at = np.flatnonzero(differ)
    pair = [plain(pd.Series(texts[at], dtype=object)) for texts in (before, after)]
    if _is_text(earlier) != _is_text(later):
        # One cut holds the numbers as such, with no more digits than a number of the computer's has.
        pair = [each.map(lambda text: repr(float(text)) if PLAIN.fullmatch(text) else text) for each in pair]
    differ[at] = (pair[0] != pair[1]).to_numpy(dtype=bool)
    return np.asarray(differ, dtype=bool)
