"""Where-clauses as CDISC's Analysis Results Standard writes them, to and from text, and to SQL.

A clause is a condition ``[DATASET.]VARIABLE COMPARATOR value`` or several of them joined by AND and OR
(AND binds first; parentheses are allowed). Values reach the database bound, never as text; identifiers
only after they were found in the snapshot's own list of variables.
"""

import difflib
import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Literal

from core.errors import ConditionError

Comparator = Literal["EQ", "NE", "LT", "LE", "GT", "GE", "IN", "NOTIN"]
Schema = Mapping[str, Mapping[str, str]]
"""Dataset name -> variable name -> DuckDB type."""

SUBJECTS = "ADSL"
EVENTS = "AE"
COMPARATORS: dict[str, str] = {
    "EQ": "=", "NE": "<>", "LT": "<", "LE": "<=", "GT": ">", "GE": ">=", "IN": "IN", "NOTIN": "NOT IN",
}  # fmt: skip
NUMBERS = ("TINYINT", "SMALLINT", "INTEGER", "BIGINT", "UTINYINT", "USMALLINT", "UINTEGER", "FLOAT", "DOUBLE")
LONGEST_CLAUSE = 20_000
DEEPEST_CLAUSE = 40

_TOKEN = re.compile(r"""\s*(?:(?P<mark>[(),])|(?P<quoted>"(?:[^"]|"")*"|'(?:[^']|'')*')|(?P<word>[^\s(),"']+))""")
_VARIABLE = re.compile(r"(?:(?P<dataset>[A-Z][A-Z0-9_]*)\.)?(?P<variable>[A-Z_][A-Z0-9_]*)")
_PLAIN = re.compile(r"[^\s(),\"']+")


def quoted(identifier: str) -> str:
    """Return `identifier` as an SQL identifier."""
    return '"' + identifier.replace('"', '""') + '"'


@dataclass(frozen=True)
class Condition:
    """One comparison of one variable with one or more values; a missing value satisfies none.

    Examples
    --------
    >>> print(Condition("RACE", "IN", ("WHITE", "BLACK OR AFRICAN AMERICAN")))
    RACE IN (WHITE, "BLACK OR AFRICAN AMERICAN")
    """

    variable: str
    comparator: Comparator
    values: tuple[str, ...]
    dataset: str = SUBJECTS

    def __post_init__(self) -> None:
        if self.comparator not in COMPARATORS:
            raise ConditionError(f"{self.comparator} is not a comparator; use one of {', '.join(COMPARATORS)}.")
        if not self.values:
            raise ConditionError(f"{self.variable} {self.comparator} needs a value.")
        if len(self.values) > 1 and self.comparator not in ("IN", "NOTIN"):
            raise ConditionError(f"{self.variable} {self.comparator} takes one value; use IN for several.")

    @property
    def name(self) -> str:
        """The variable as a clause writes it."""
        return self.variable if self.dataset == SUBJECTS else f"{self.dataset}.{self.variable}"

    @property
    def datasets(self) -> frozenset[str]:
        """The datasets the condition looks at."""
        return frozenset((self.dataset,))

    def __str__(self) -> str:
        values = ", ".join(map(_value_text, self.values))
        return f"{self.name} {self.comparator} " + (f"({values})" if self.comparator in ("IN", "NOTIN") else values)


@dataclass(frozen=True)
class Compound:
    """Several expressions that all (AND) or at least one (OR) must hold."""

    operator: Literal["AND", "OR"]
    parts: tuple["Expression", ...]

    @property
    def datasets(self) -> frozenset[str]:
        """The datasets any part looks at."""
        return frozenset[str]().union(*(part.datasets for part in self.parts))

    def __str__(self) -> str:
        inner = (f"({p})" if isinstance(p, Compound) and p.operator != self.operator else str(p) for p in self.parts)
        return f" {self.operator} ".join(inner)


Expression = Condition | Compound


@dataclass(frozen=True)
class Where:
    """A where-clause; the empty one holds for everybody.

    Examples
    --------
    >>> clause = Where.parse("AGE GE 65 AND SEX EQ F") & Where.parse("ADAE.AESER EQ Y")
    >>> print(clause)
    AGE GE 65 AND SEX EQ F AND ADAE.AESER EQ Y
    >>> Where.parse(str(clause)) == clause
    True
    """

    expression: Expression | None = None

    @staticmethod
    def parse(text: str) -> "Where":
        """Read a clause; raises ConditionError with the place and what would do."""
        return Where(_Parser(text).clause())

    def __and__(self, other: "Where") -> "Where":
        return Where(join("AND", [e for e in (self.expression, other.expression) if e is not None]))

    def __bool__(self) -> bool:
        return self.expression is not None

    def __str__(self) -> str:
        return "" if self.expression is None else str(self.expression)


def join(operator: Literal["AND", "OR"], parts: Iterable[Expression]) -> Expression | None:
    """Join expressions flat: a compound of the same operator gives its parts."""
    flat: list[Expression] = []
    for part in parts:
        flat.extend(part.parts if isinstance(part, Compound) and part.operator == operator else (part,))
    return None if not flat else flat[0] if len(flat) == 1 else Compound(operator, tuple(flat))


class Sql:
    """Writes clauses for one schema as SQL text and the values bound to it.

    Parameters
    ----------
    schema : mapping
        What the snapshot has: dataset -> variable -> DuckDB type.

    Examples
    --------
    >>> sql = Sql({"ADSL": {"AGE": "DOUBLE"}})
    >>> sql.holds(Where.parse("AGE GE 65")), sql.values
    ('"AGE" >= CAST($w0 AS DOUBLE)', {'w0': 65.0})
    """

    def __init__(self, schema: Schema) -> None:
        self.schema = schema
        self.values: dict[str, object] = {}

    def subjects(self, clauses: Iterable[Where]) -> str:
        """Return the query for the codes of the subjects for whom every clause holds."""
        return f"SELECT subject_code FROM {SUBJECTS} WHERE {' AND '.join(map(self.holds, clauses)) or 'true'}"

    def events(self, where: Where) -> str:
        """Return the query for the adverse events that meet a clause: one record meets all of it."""
        return f"SELECT source_row FROM {EVENTS} WHERE {self.holds(where, EVENTS)}"

    def holds(self, where: Where, dataset: str = SUBJECTS) -> str:
        """Return the truth of a clause for a row of `dataset`."""
        return "true" if where.expression is None else self._expression(where.expression, dataset)

    def _expression(self, expression: Expression, dataset: str) -> str:
        if expression.datasets == {dataset}:
            if isinstance(expression, Condition):
                return self._condition(expression)
            inner = (self._expression(part, dataset) for part in expression.parts)
            return "(" + f" {expression.operator} ".join(inner) + ")"
        if len(expression.datasets) == 1:
            (other,) = expression.datasets
            return self._exists(expression, other)
        assert isinstance(expression, Compound)
        parts = _one_record(expression) if expression.operator == "AND" else expression.parts
        return "(" + f" {expression.operator} ".join(self._expression(part, dataset) for part in parts) + ")"

    def _exists(self, expression: Expression, dataset: str) -> str:
        self._variables(dataset)
        inner = self._expression(expression, dataset)
        return f"USUBJID IN (SELECT USUBJID FROM {quoted(dataset)} WHERE {inner})"

    def _condition(self, condition: Condition) -> str:
        kind = self._variables(condition.dataset).get(condition.variable)
        if kind is None:
            known = list(self._variables(condition.dataset))
            raise ConditionError(
                f"{condition.dataset} has no variable {condition.variable}{_nearest(condition.variable, known)}."
            )
        column = quoted(condition.variable)
        if kind in NUMBERS:
            return self._compare(column, "DOUBLE", condition, [_number(condition, v) for v in condition.values])
        if kind in ("DATE", "TIMESTAMP"):
            return self._compare(column, "DATE", condition, [_date(condition, v) for v in condition.values])
        if condition.comparator in ("LT", "LE", "GT", "GE") and _is_number(condition.values[0]):
            column = f"TRY_CAST({column} AS DOUBLE)"
            return self._compare(column, "DOUBLE", condition, [float(condition.values[0])])
        return self._compare(column, "VARCHAR", condition, list(condition.values))

    def _compare(self, column: str, kind: str, condition: Condition, values: list[object]) -> str:
        name = f"w{len(self.values)}"
        if condition.comparator in ("IN", "NOTIN"):
            self.values[name] = values
            return (
                "NOT " if condition.comparator == "NOTIN" else ""
            ) + f"list_contains(CAST(${name} AS {kind}[]), {column})"
        self.values[name] = values[0]
        return f"{column} {COMPARATORS[condition.comparator]} CAST(${name} AS {kind})"

    def _variables(self, dataset: str) -> Mapping[str, str]:
        if dataset not in self.schema:
            raise ConditionError(f"This study has no dataset {dataset}; it has {', '.join(sorted(self.schema))}.")
        return self.schema[dataset]


def _one_record(compound: Compound) -> tuple[Expression, ...]:
    """Gather the parts about one other dataset, so that a single record must meet them all."""
    gathered: dict[str, list[Expression]] = {}
    rest: list[Expression] = []
    for part in compound.parts:
        if len(part.datasets) == 1 and part.datasets != {SUBJECTS}:
            gathered.setdefault(next(iter(part.datasets)), []).append(part)
        else:
            rest.append(part)
    joined = (join("AND", parts) for parts in gathered.values())
    return (*rest, *(part for part in joined if part is not None))


class _Parser:
    """Recursive descent over the tokens of one clause."""

    def __init__(self, text: str) -> None:
        if len(text) > LONGEST_CLAUSE:
            raise ConditionError(f"The condition is {len(text):,} characters long; {LONGEST_CLAUSE:,} are the most.")
        if any("\ud800" <= character <= "\udfff" for character in text):
            raise ConditionError("The condition holds half a character; type it again.")
        self.text = text
        self.tokens = list(_tokens(text))
        self.at = 0

    def clause(self) -> Expression | None:
        if not self.tokens:
            return None
        expression = self._any(0)
        if self.at < len(self.tokens):
            raise self._error(f"did not expect {self.tokens[self.at][1]!r}", "Join conditions with AND or OR")
        return expression

    def _any(self, depth: int) -> Expression:
        return self._joined("OR", depth, self._all)

    def _all(self, depth: int) -> Expression:
        return self._joined("AND", depth, self._single)

    def _joined(self, operator: Literal["AND", "OR"], depth: int, part: Callable[[int], Expression]) -> Expression:
        parts = [part(depth)]
        while self._accept("word", operator):
            parts.append(part(depth))
        expression = join(operator, parts)
        assert expression is not None
        return expression

    def _single(self, depth: int) -> Expression:
        if depth > DEEPEST_CLAUSE:
            raise self._error("has too many nested parentheses", f"At most {DEEPEST_CLAUSE} are read")
        if self._accept("mark", "("):
            inner = self._any(depth + 1)
            if not self._accept("mark", ")"):
                raise self._error("lacks a closing parenthesis", "Add )")
            return inner
        return self._condition()

    def _condition(self) -> Condition:
        name = self._word("a variable such as AGE")
        match = _VARIABLE.fullmatch(name.upper())
        if match is None:
            raise self._error(
                f"has {name!r} where a variable should stand", "Write VARIABLE COMPARATOR value, such as AGE GE 65"
            )
        comparator = self._word(f"one of {', '.join(COMPARATORS)}").upper()
        if comparator not in COMPARATORS:
            raise self._error(f"has {comparator!r} after {name}", f"Use one of {', '.join(COMPARATORS)}")
        several = comparator in ("IN", "NOTIN")
        values = self._values() if several else (self._value(),)
        return Condition(match["variable"], comparator, values, match["dataset"] or SUBJECTS)  # type: ignore[arg-type]

    def _values(self) -> tuple[str, ...]:
        closing = self._accept("mark", "(")
        values = [self._value()]
        while self._accept("mark", ","):
            values.append(self._value())
        if closing and not self._accept("mark", ")"):
            raise self._error("lacks a closing parenthesis after a list", "Write IN (A, B)")
        return tuple(values)

    def _value(self) -> str:
        if self.at < len(self.tokens):
            kind, token = self.tokens[self.at]
            if kind == "quoted" or (kind == "word" and token.upper() not in ("AND", "OR")):
                self.at += 1
                return token
        raise self._error("lacks a value", "Quote a value that has spaces or commas")

    def _word(self, wanted: str) -> str:
        if self.at < len(self.tokens) and self.tokens[self.at][0] == "word":
            self.at += 1
            return self.tokens[self.at - 1][1]
        raise self._error(f"stops where {wanted} should stand", "Write VARIABLE COMPARATOR value, such as AGE GE 65")

    def _accept(self, kind: str, token: str) -> bool:
        if self.at < len(self.tokens) and self.tokens[self.at][0] == kind and self.tokens[self.at][1].upper() == token:
            self.at += 1
            return True
        return False

    def _error(self, found: str, remedy: str) -> ConditionError:
        shown = self.text if len(self.text) <= 200 else self.text[:200] + "…"
        return ConditionError(f"The condition {shown!r} {found}. {remedy}.")


def _tokens(text: str) -> Iterable[tuple[str, str]]:
    at, end = 0, len(text.rstrip())
    while at < end:
        match = _TOKEN.match(text, at)
        if match is None:
            raise ConditionError(f"The condition {text[:200]!r} has a quote that is not closed at character {at + 1}.")
        at, kind = match.end(), match.lastgroup or ""
        token = match[kind]
        yield kind, token[1:-1].replace(token[0] * 2, token[0]) if kind == "quoted" else token


def _value_text(value: str) -> str:
    if _PLAIN.fullmatch(value) and value.upper() not in ("AND", "OR"):
        return value
    return '"' + value.replace('"', '""') + '"'


def _is_number(text: str) -> bool:
    try:
        return float(text) == float(text) and "_" not in text
    except ValueError:
        return False


def _number(condition: Condition, value: str) -> float:
    if not _is_number(value):
        raise ConditionError(
            f"{condition.name} is a number and cannot be compared with {value!r}; write a number such as 65."
        )
    return float(value)


def _date(condition: Condition, value: str) -> date:
    try:
        return date.fromisoformat(value)
    except ValueError:
        raise ConditionError(
            f"{condition.name} is a date and cannot be compared with {value!r}; write YYYY-MM-DD."
        ) from None


def _nearest(name: str, known: list[str]) -> str:
    near = difflib.get_close_matches(name, known, n=3, cutoff=0.6)
    return f"; the nearest are {', '.join(near)}" if near else ""
