"""Documentation says what is there, all of it, and nothing else."""

import ast
import doctest
import importlib
import inspect
import pkgutil
import re
import shlex
import tomllib
from collections import Counter
from functools import cache
from pathlib import Path
from types import ModuleType

import pytest

import core
from core.__main__ import main
from core.data import Data
from core.outputs import OUTPUTS
from core.study import Study
from pages import PAGES
from tests.conftest import ROOT

README = (ROOT / "README.md").read_text(encoding="utf-8")
ARCHITECTURE = (ROOT / "ARCHITECTURE.md").read_text(encoding="utf-8")
METHODS = (ROOT / "docs" / "methods.md").read_text(encoding="utf-8")
GUIDES = {"README.md": README, "ARCHITECTURE.md": ARCHITECTURE, "docs/methods.md": METHODS}
IN_TREE = (".py", ".sql", ".js", ".css", ".svg")
ENDINGS = (*IN_TREE, ".md", ".toml", ".txt")
MADE_BY_MACHINES = ("__pycache__", ".git", ".venv", ".snapshots", ".work", ".pytest_cache", ".mypy_cache", ".ruff_cache",
                    ".hypothesis", ".import_linter_cache", "node_modules")  # fmt: skip


def blocks(text: str, language: str = "") -> list[str]:
    """The fenced blocks of a language; they may be indented."""
    return re.findall(rf"^[ ]*```{language}\n(.*?)^[ ]*```$", text, re.MULTILINE | re.DOTALL)


@cache
def files() -> list[Path]:
    """Every file of the project that somebody wrote."""
    return [p for p in sorted(ROOT.rglob("*"))
            if p.is_file() and not set(p.relative_to(ROOT).parts) & set(MADE_BY_MACHINES)]  # fmt: skip


def tree() -> list[str]:
    """The paths of ARCHITECTURE's tree, in order; a folder ends with a slash."""
    drawn = blocks(ARCHITECTURE.split("## The tree")[1])[0]
    paths: list[str] = []
    above: list[str] = []
    for line in drawn.splitlines():
        depth, name = (len(line) - len(line.lstrip())) // 2, line.split()[0]
        above[depth:] = [name]
        paths.append("".join(above))
    return paths


def only_says_what_it_is(path: Path) -> bool:
    """A package's __init__.py that holds its docstring and no code."""
    return path.name == "__init__.py" and len(ast.parse(path.read_text(encoding="utf-8")).body) <= 1


def modules() -> list[ModuleType]:
    found = pkgutil.walk_packages(core.__path__, "core.")
    return [core, *(importlib.import_module(name) for _, name, _ in found)]


every_module = pytest.mark.parametrize("module", modules(), ids=lambda module: module.__name__)


@pytest.mark.parametrize("path", tree())
def test_every_path_of_the_tree_exists(path: str) -> None:
    assert (ROOT / path).is_dir() if path.endswith("/") else (ROOT / path).is_file()


def test_the_tree_names_every_module_and_question_once() -> None:
    named = Counter(path for path in tree() if path.endswith(IN_TREE))
    sources = [ROOT / "app.py", *(p for p in files() if p.relative_to(ROOT).parts[0] in ("core", "pages", "bench"))]
    wanted = [str(p.relative_to(ROOT)) for p in sources if p.suffix in IN_TREE and not only_says_what_it_is(p)]
    assert named == Counter(wanted)


def test_the_tree_names_every_folder_of_tests() -> None:
    folders = {f"tests/{p.name}/" for p in (ROOT / "tests").iterdir() if p.is_dir() and p.name not in MADE_BY_MACHINES}
    assert folders <= set(tree())


@pytest.mark.parametrize("guide", GUIDES)
def test_every_path_in_backticks_exists(guide: str) -> None:
    """A path has a slash, or one of the endings of this project; without a slash it may be anywhere."""
    names = {p.name for p in files()}
    prose = re.sub(r"```.*?```", "", GUIDES[guide], flags=re.DOTALL)
    for text in re.findall(r"`([^`\n]+)`", prose):
        if not re.fullmatch(r"[\w.-]+(/[\w.-]+)*/?", text) or re.fullmatch(r"data/my-study", text):
            continue
        if "/" in text:
            assert (ROOT / text).exists(), text
        elif text.endswith(ENDINGS):
            assert text in names, text


@pytest.mark.parametrize("guide", [*GUIDES, "data/cdiscpilot01/README.md"])
def test_every_link_leads_to_a_file(guide: str) -> None:
    for target in re.findall(r"\]\(([^)#]+)\)", (ROOT / guide).read_text(encoding="utf-8")):
        assert target.startswith("http") or ((ROOT / guide).parent / target).is_file(), target


def test_architecture_tells_every_law_of_the_import_linter() -> None:
    contracts = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["importlinter"]["contracts"]
    for contract in contracts:
        assert f"- {contract['name']}" in ARCHITECTURE, contract["name"]


def test_architecture_tells_every_table_of_a_snapshot(pilot: Data) -> None:
    tables = {
        name for (name,) in pilot._connection.cursor().execute("SELECT table_name FROM duckdb_tables()").fetchall()
    }
    views = pilot._connection.cursor().execute("SELECT view_name FROM duckdb_views() WHERE NOT internal").fetchall()
    told = set(re.findall(r"`(\w+)`", "".join(re.findall(r"^\| (`.*?) \|", ARCHITECTURE, re.MULTILINE))))
    assert tables | {name for (name,) in views} <= told


def test_the_first_commands_are_those_of_the_makefile() -> None:
    targets = set(re.findall(r"^(\w+):", (ROOT / "Makefile").read_text(), re.MULTILINE))
    assert re.findall(r"^make (\w+)", blocks(README, "sh")[0], re.MULTILINE) == ["run", "test"]
    for guide, text in GUIDES.items():
        told = set(re.findall(r"[`\n]make (\w+)", text))
        assert told <= targets, guide


def commands(module: str) -> list[list[str]]:
    lines = re.findall(rf"^python -m {module}\b(.*)$", "\n".join(blocks(README, "sh")), re.MULTILINE)
    return [shlex.split(line, comments=True) for line in lines]


@pytest.mark.parametrize("arguments", commands("core"), ids=" ".join)
def test_every_command_of_the_readme_works(
    arguments: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "data").symlink_to(ROOT / "data")
    monkeypatch.chdir(tmp_path)
    assert main(arguments) == 0, capfd.readouterr().err
    assert capfd.readouterr().out or list(tmp_path.glob("*.*"))


def test_the_readme_tells_every_subcommand(capfd: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        main(["--help"])
    shown = re.findall(r"^    (\w+) ", capfd.readouterr().out, re.MULTILINE)
    assert shown and set(shown) == {arguments[0] for arguments in commands("core")}


def test_the_readme_measures_what_can_be_measured() -> None:
    tables = ast.parse((ROOT / "bench" / "__main__.py").read_text())
    strings = {node.value for node in ast.walk(tables) if isinstance(node, ast.Constant)}
    for arguments in commands("bench"):
        assert {word for word in arguments if word.isalpha()} <= strings
        assert {word for word in arguments if word.startswith("-")} <= strings


@pytest.mark.parametrize("name", OUTPUTS)
def test_every_output_is_told(name: str) -> None:
    assert f"`{name}`" in README


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_every_page_is_told(page) -> None:  # type: ignore[no-untyped-def]
    assert f"**{page.title}**" in README


def test_a_study_of_the_readme_is_a_study() -> None:
    examples = [re.sub(r"^   ", "", text, flags=re.MULTILINE) for text in blocks(README, "toml")]
    assert len(examples) == 1 and examples[0].count("\n") == 3
    assert Study.model_validate(tomllib.loads(examples[0]))


@pytest.mark.parametrize("key", Study.model_fields)
def test_every_key_of_study_toml_is_told(key: str) -> None:
    keys = "".join(re.findall(r"^\| (`.*?) \|", README, re.MULTILINE))
    required = blocks(README, "toml")[0]
    assert re.search(rf"`\[*{key}\b", keys) or re.search(rf"^ *{key} =", required, re.MULTILINE)


def test_methods_name_the_numbers_of_the_rules() -> None:
    study = Study(id="x", title="x", data_cut="2024-06-30")  # type: ignore[arg-type]
    events = study.adverse_events
    assert f"{events.treatment_emergent.window_days} days after the last (TRTEDT)" in METHODS
    assert all(f"{rule.variable} = {rule.values[0]}" in METHODS for rule in (events.serious, events.discontinued))
    assert all(f"{rule.variable} = {rule.values[0]}" in METHODS for rule in events.fatal[:2])
    assert all(group in METHODS for group in events.grade_groups)


@every_module
def test_every_public_thing_of_core_is_told(module: ModuleType) -> None:
    assert module.__doc__
    for name, thing in vars(module).items():
        if name.startswith("_") or getattr(thing, "__module__", None) != module.__name__:
            continue
        if inspect.isclass(thing) or inspect.isfunction(thing):
            assert inspect.getdoc(thing), f"{module.__name__}.{name}"
        if inspect.isclass(thing):
            members = {k: v for k, v in vars(thing).items() if not k.startswith("_")}
            for key, member in members.items():
                default = getattr(member, "__name__", "") == "<lambda>"  # a field's, not a method
                if not default and (
                    inspect.isfunction(member) or isinstance(member, property | classmethod | staticmethod)
                ):
                    assert member.__doc__, f"{module.__name__}.{name}.{key}"


@every_module
def test_every_example_of_core_is_true(module: ModuleType, monkeypatch: pytest.MonkeyPatch) -> None:
    """Examples are run where a reader would run them: at the root of the project."""
    monkeypatch.chdir(ROOT)
    told: list[str] = []
    runner = doctest.DocTestRunner(optionflags=doctest.NORMALIZE_WHITESPACE)
    for example in doctest.DocTestFinder().find(module):
        runner.run(example, out=told.append)
    assert runner.summarize(verbose=False).failed == 0, "".join(told)


def test_no_file_leans_on_what_lies_beside_the_project() -> None:
    beside = ("../" + "shared", "/work" + "/")
    for path in files():
        if path.suffix in (".py", ".md", ".toml", ".txt", ".sql", ".js", ".css", ".csv") or not path.suffix:
            text = path.read_text(encoding="utf-8", errors="replace")
            assert not any(word in text for word in beside), path


def imported(part: str) -> set[str]:
    """The parts of core that one part imports anywhere, itself, errors and the version aside."""
    place = ROOT / "core" / part
    found: set[str] = set()
    for path in place.rglob("*.py") if place.is_dir() else [place.with_suffix(".py")]:
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.ImportFrom) and node.module == "core":
                found |= {alias.name for alias in node.names}
            elif isinstance(node, ast.ImportFrom) and str(node.module).startswith("core."):
                found.add(str(node.module).split(".")[1])
    return found - {part, "errors", "__version__"}


def test_the_picture_of_who_knows_whom_is_that_of_the_imports() -> None:
    drawn = ARCHITECTURE.split("## Who may know whom")[1].split("```")[1]
    told: dict[str, set[str]] = {}
    for line in drawn.splitlines():
        if line.startswith("core/"):
            parts, known = line.split("->")
            for part in parts.split(","):
                nobody = known.strip() == "nothing of these"
                told[part.strip().removeprefix("core/")] = (
                    set() if nobody else {each.strip() for each in known.split(",")}
                )
    everyone = {
        path.stem for path in (ROOT / "core").iterdir() if path.suffix == ".py" or (path / "__init__.py").exists()
    }
    assert set(told) == everyone - {"__init__", "errors"}
    assert {part: imported(part) for part in told} == told
