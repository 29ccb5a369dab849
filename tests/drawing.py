"""Small studies drawn by hand, as tables a clinician can read."""

from pathlib import Path

from core.data import Data

HEAD = 'id = "drawn"\ntitle = "A study drawn by hand"\ndata_cut = 2024-12-31\n'


def records(drawing: str) -> str:
    """Turn a drawing (columns between bars, one line a record) into CSV; a blank cell is a missing value."""
    lines = [line.strip().strip("|") for line in drawing.strip().splitlines()]
    cells = [[cell.strip() for cell in line.split("|")] for line in lines if set(line) - set("|-+ ")]
    return "".join(",".join(f'"{cell}"' if "," in cell else cell for cell in row) + "\n" for row in cells)


def folder(path: Path, toml: str = "", **drawings: str) -> Path:
    """Write a study folder: one drawing a dataset, such as adsl="..."."""
    (path / "adam").mkdir(parents=True, exist_ok=True)
    (path / "study.toml").write_text(HEAD + toml, encoding="utf-8")
    for name, drawing in drawings.items():
        (path / "adam" / f"{name}.csv").write_text(records(drawing), encoding="utf-8")
    return path


def study(path: Path, toml: str = "", **drawings: str) -> Data:
    """Open a drawn study."""
    return Data.of(folder(path, toml, **drawings))


def cell(result, variable_level: str, stat: str, column: str = "Total", context: str = "") -> float:  # type: ignore[no-untyped-def]
    """Return one number of a result."""
    ard = result.ard
    found = ard[
        (ard.variable_level == variable_level)
        & (ard.group1_level == column)
        & (ard.stat_name == stat)
        & (ard.context == context)
    ]
    assert len(found) == 1, f"{len(found)} rows for {variable_level}, {column}, {stat}, {context}"
    return float(found.stat.iloc[0])
