"""Rules of the house that a machine can hold."""

import ast
import re
import tomllib
from pathlib import Path

import pytest

from tests.conftest import ROOT

SOURCES = sorted([ROOT / "app.py", *(ROOT / "core").rglob("*.py"), *(ROOT / "pages").rglob("*.py")])
named = pytest.mark.parametrize("path", SOURCES, ids=lambda path: str(path.relative_to(ROOT)))
WRITES_SQL = {"core/where.py"}
COLOUR = re.compile(r"#[0-9a-fA-F]{6}\b")


def place(path: Path) -> str:
    return str(path.relative_to(ROOT))


@named
def test_only_conditions_and_ingest_write_sql(path: Path) -> None:
    """Elsewhere SQL is a file of core/sql, or a constant without anything put into it."""
    if place(path) in WRITES_SQL or place(path).startswith("core/ingest/"):
        return
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.JoinedStr) and place(path) != "core/data.py":
            text = "".join(part.value for part in node.values if isinstance(part, ast.Constant))
            assert not re.search(r"\b(SELECT|INSERT|CREATE|DELETE|UPDATE)\b", text), f"{place(path)}:{node.lineno}"


def test_the_asking_of_questions_puts_no_value_into_sql() -> None:
    """core/data.py may name its three tables; what stands in them was written by core/where.py or core/sql."""
    tree = ast.parse((ROOT / "core" / "data.py").read_text())
    put_in = [ast.unparse(part.value) for node in ast.walk(tree) if isinstance(node, ast.JoinedStr)
              and any(isinstance(p, ast.Constant) and "CREATE" in p.value for p in node.values)
              for part in node.values if isinstance(part, ast.FormattedValue)]  # fmt: skip
    assert sorted(put_in) == ["_text('column_member')", "query", "subjects"]


@named
def test_only_the_theme_knows_colours(path: Path) -> None:
    if place(path) != "core/charts/theme.py":
        assert not COLOUR.search(path.read_text())


@named
def test_only_formats_rounds(path: Path) -> None:
    if place(path) == "core/formats.py":
        return
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Call):
            name = node.func.id if isinstance(node.func, ast.Name) else getattr(node.func, "attr", "")
            assert name not in ("round", "quantize", "around"), f"{place(path)}:{node.lineno}"


@named
def test_only_one_place_caches(path: Path) -> None:
    if place(path) != "pages/parts/cache.py":
        assert "st.cache_" not in path.read_text()


@named
def test_no_frame_is_a_key_of_the_cache(path: Path) -> None:
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.FunctionDef) and any("cache_" in ast.unparse(d) for d in node.decorator_list):
            kinds = [ast.unparse(a.annotation) for a in node.args.args if a.annotation and not a.arg.startswith("_")]
            assert not any("DataFrame" in kind or kind in ("Data", "Population") for kind in kinds), node.name
            assert all("max_entries" in ast.unparse(d) for d in node.decorator_list), node.name
            large = any(argument.arg == "_data" for argument in node.args.args)
            assert not large or all("ttl=HOUR" in ast.unparse(d) for d in node.decorator_list), node.name


@named
def test_pages_are_short_and_do_not_compute(path: Path) -> None:
    if path.parent.name == "pages":
        text = path.read_text()
        assert text.count("\n") <= 80
        assert "import pandas" not in text
        assert "import numpy" not in text


@named
def test_no_assertion_guards_input(path: Path) -> None:
    """An `assert` tells the type checker what is known; it never carries a message for a reader."""
    for node in ast.walk(ast.parse(path.read_text())):
        assert not (isinstance(node, ast.Assert) and node.msg), f"{place(path)}:{node.lineno}"


def test_every_question_says_its_grain() -> None:
    for path in (ROOT / "core" / "sql").glob("*.sql"):
        first = path.read_text().splitlines()[0]
        assert first.startswith("-- One row"), path.name


def test_core_names_no_trial() -> None:
    words = re.compile(r"(?<!data/)cabazitaxel|xanomeline|alzheimer|prostate", re.IGNORECASE)
    for path in [*(ROOT / "core").rglob("*.py"), *(ROOT / "core").rglob("*.sql"), *(ROOT / "pages").rglob("*.py")]:
        assert not words.search(path.read_text()), path


def test_the_browser_is_told_the_type_of_an_error_at_most() -> None:
    config = tomllib.loads((ROOT / ".streamlit" / "config.toml").read_text())
    assert config["client"]["showErrorDetails"] == "type"
    assert config["browser"]["gatherUsageStats"] is False
    assert config["browser"]["serverAddress"], "without it the server asks an outside address for its own"


def test_requirements_are_pinned() -> None:
    for file in ("requirements.txt", "requirements-dev.txt"):
        for line in (ROOT / file).read_text().splitlines():
            assert not line or line.startswith(("#", "-r ")) or re.fullmatch(r"[A-Za-z0-9_.-]+==[0-9a-z.]+", line), line
