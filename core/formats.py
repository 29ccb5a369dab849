"""How each statistic reads. The only rounding in the project: half away from zero, as SAS rounds."""

from collections.abc import Iterable
from decimal import ROUND_HALF_UP, Decimal
from math import isinf, isnan

NOT_ESTIMABLE = "n.e."
"""Shown for a number that cannot be estimated; the reason stands in a note."""

NOT_COLLECTED = "not collected"
"""Shown where the study has no such variable: never 0."""

TESTS = {"paired_t": "paired t-test", "wilcoxon": "Wilcoxon signed-rank test"}
"""How the tests of a paired comparison are called."""

RULES = {
    "half": "Half the limit",
    "sqrt2": "Limit / √2",
    "lloq": "The limit",
    "zero": "Zero",
    "exclude": "Excluded",
    "lowest": "Lowest, order only",
}
"""What stands in for a value below its limit of quantification."""

SMALLEST_POWER, LARGEST_POWER = -4, 15
"""Below this power of ten, and from that one on, a number is written with an exponent."""

DIGITS = {"percent": 1, "conf_low": 1, "conf_high": 1, "mean": 1, "sd": 2, "median": 1, "min": 1, "max": 1}


def fixed(value: float, digits: int) -> str:
    """Return a number with a fixed count of digits after the point.

    Examples
    --------
    >>> fixed(6.25, 1), fixed(-0.04, 1), fixed(float("nan"), 1)
    ('6.3', '0.0', 'n.e.')
    """
    if isnan(value):
        return NOT_ESTIMABLE
    rounded = Decimal(repr(float(value))).quantize(Decimal(1).scaleb(-digits), rounding=ROUND_HALF_UP)
    return f"{abs(rounded) if rounded == 0 else rounded}"


def statistic(name: str, value: float) -> str:
    """Return one statistic as its kind reads; counts have no decimals."""
    return fixed(value, DIGITS.get(name, 0))


def percentage(percent: float) -> str:
    """Return a percentage to one decimal; what is above 0 never reads 0.0, nor what is below 100 100.0.

    Examples
    --------
    >>> percentage(91.666), percentage(0.01), percentage(99.99), percentage(100.0)
    ('91.7', '<0.1', '>99.9', '100.0')
    """
    if 0 < percent < 0.05:
        return "<0.1"
    if 99.95 <= percent < 100:
        return ">99.9"
    return fixed(percent, 1)


def chance(p: float) -> str:
    """Return a probability in percent; a small one keeps two digits of it, a whole one has no decimal.

    Examples
    --------
    >>> chance(0.5513), chance(0.8), chance(0.0000267), chance(0.0), chance(0.99999), chance(float("nan"))
    ('55.1%', '80%', '0.0027%', '0%', '>99.9%', 'n.e.')
    """
    if isnan(p):
        return NOT_ESTIMABLE
    percent = significant(100 * p, 2) if 0 < p < 0.0005 else percentage(100 * p)
    return f"{percent.removesuffix('.0')}%"


def count_percent(n: float, percent: float, sign: str = "") -> str:
    """Return a count and its share: ``77 (91.7)``, or with the sign where no header says percent; a bare 0 for none.

    Examples
    --------
    >>> count_percent(77, 91.666), count_percent(0, 0.0), count_percent(0, float("nan"))
    ('77 (91.7)', '0', '0')
    """
    if isnan(n):
        return NOT_ESTIMABLE
    return "0" if n == 0 else f"{fixed(n, 0)} ({percentage(percent)}{sign})"


def interval(low: float, high: float) -> str:
    """Return two limits: ``[83.6, 96.6]``."""
    return NOT_ESTIMABLE if isnan(low) or isnan(high) else f"[{fixed(low, 1)}, {fixed(high, 1)}]"


def as_recorded(value: float) -> str:
    """Return a number with every digit it has, and none that it has not.

    Examples
    --------
    >>> as_recorded(25.0), as_recorded(0.05), as_recorded(1234567.8), as_recorded(float("nan"))
    ('25', '0.05', '1234567.8', 'n.e.')
    """
    if isnan(value) or isinf(value):
        return NOT_ESTIMABLE
    whole = Decimal(repr(float(value)))
    return f"{whole.to_integral_value() if whole == whole.to_integral_value() else whole:f}"


def significant(value: float, digits: int = 3) -> str:
    """Return a number with as many significant digits, and never fewer than its whole part has.

    Examples
    --------
    >>> significant(-37.852), significant(0.05125), significant(1234.5), significant(0.0), significant(1.234e-7), significant(1e300)
    ('-37.9', '0.0513', '1235', '0', '1.23e-7', '1.00e300')
    """
    if isnan(value) or isinf(value):
        return NOT_ESTIMABLE
    if value == 0:
        return "0"
    exact = Decimal(repr(float(value)))
    power = exact.adjusted()
    last = 0 if digits <= power < LARGEST_POWER else power - digits + 1
    rounded = exact.quantize(Decimal(1).scaleb(last), rounding=ROUND_HALF_UP)
    if rounded.adjusted() > power and power < digits - 1:
        rounded = exact.quantize(Decimal(1).scaleb(power - digits + 2), rounding=ROUND_HALF_UP)
    if SMALLEST_POWER <= power < LARGEST_POWER:
        return f"{rounded:f}"
    return f"{rounded.scaleb(-rounded.adjusted()):f}e{rounded.adjusted()}"


def recorded(value: float) -> str:
    """Return a number as somebody wrote it down; nothing for a missing one.

    Examples
    --------
    >>> recorded(220.0), recorded(0.05), recorded(float("nan"))
    ('220', '0.05', '')
    """
    return "" if isnan(value) else f"{value:.12g}"


def brief(value: float, digits: int = 3) -> str:
    """Return a number as a reader writes it: as many significant digits at most, and no zeros behind them.

    Examples
    --------
    >>> brief(0.05), brief(0.05 / 35), brief(30.0), brief(1234.5), brief(float("nan"))
    ('0.05', '0.00143', '30', '1235', 'n.e.')
    """
    text = significant(value, digits)
    return text.rstrip("0").rstrip(".") if "." in text and "e" not in text else text


def p_value(p: float) -> str:
    """Return a p-value to four decimals; it never reads 0, nor 1 when it is less.

    Examples
    --------
    >>> p_value(0.01234), p_value(0.000012), p_value(1.0), p_value(0.99999), p_value(float("nan"))
    ('0.0123', '<0.0001', '1.0000', '>0.9999', 'n.e.')
    """
    if 0 <= p < 0.00005:
        return "<0.0001"
    if 0.99995 <= p < 1:
        return ">0.9999"
    return fixed(p, 4)


def p_text(p: float) -> str:
    """Return a p-value as a sentence has it.

    Examples
    --------
    >>> p_text(0.0123), p_text(0.000001), p_text(float("nan"))
    ('p = 0.0123', 'p < 0.0001', 'p n.e.')
    """
    text = p_value(p)
    return f"p {text[0]} {text[1:]}" if text[0] in "<>" else f"p {text}" if isnan(p) else f"p = {text}"


def limits(low: float, high: float) -> str:
    """Return two limits that may be negative, to three significant digits.

    Examples
    --------
    >>> limits(-55.23, -20.5)
    '-55.2 to -20.5'
    """
    return NOT_ESTIMABLE if isnan(low) or isnan(high) else f"{significant(low)} to {significant(high)}"


def counted(count: int, one: str, many: str = "") -> str:
    """Return a count with its noun.

    Examples
    --------
    >>> counted(1, "pair"), counted(0, "pair"), counted(2, "value has", "values have")
    ('1 pair', '0 pairs', '2 values have')
    """
    return f"{count:,} {one if count == 1 else many or one + 's'}"


def confidence_level(level: float | str) -> str:
    """Return a confidence level, 0 to 1, as a percentage.

    Examples
    --------
    >>> confidence_level(0.95), confidence_level("0.995")
    ('95%', '99.5%')
    """
    return f"{100 * float(level):g}%"


def named(texts: Iterable[str], most: int = 6) -> str:
    """Return texts in a row, the first of them and how many more there are.

    Examples
    --------
    >>> named(["01", "02"]), named(map(str, range(9))), named("abc", 2)
    ('01, 02', '0, 1, 2, 3, 4, 5 and 3 more', 'a, b and 1 more')
    """
    every = list(texts)
    return ", ".join(every[:most]) + (f" and {len(every) - most:,} more" if len(every) > most else "")


def within_sentence(text: str) -> str:
    """Return a text as it goes on in a sentence: its first letter small, but for an acronym.

    Examples
    --------
    >>> within_sentence("Change by subject"), within_sentence("ECOG by period"), within_sentence("")
    ('change by subject', 'ECOG by period', '')
    """
    return text if text[1:2].isupper() else text[:1].lower() + text[1:]


def sentence_case(term: str) -> str:
    """Return a term that is all in capitals as a reader would write it; any other as it is.

    Examples
    --------
    >>> sentence_case("CARDIAC DISORDERS"), sentence_case("pERK high")
    ('Cardiac disorders', 'pERK high')
    """
    return term[:1] + term[1:].lower() if term.isupper() else term
