"""Days as whole numbers, counted from 1970-01-01: that is how they are drawn; datasets hold dates."""

from datetime import date

EPOCH = date(1970, 1, 1).toordinal()


def day_of(when: date) -> int:
    """Return a date as the number of its day.

    Examples
    --------
    >>> day_of(date(1970, 2, 1))
    31
    """
    return when.toordinal() - EPOCH


def date_of(day: int | None) -> date | None:
    """Return the date of a day; none for a day that is not known.

    Examples
    --------
    >>> str(date_of(31))
    '1970-02-01'
    """
    return None if day is None else date.fromordinal(day + EPOCH)
