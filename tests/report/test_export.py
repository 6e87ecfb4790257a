"""A run as a table and as files of figures."""

from __future__ import annotations

import csv
import json
import struct
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest
from click.testing import CliRunner

from prover.cli.main import cli
from prover.report.export import COLUMNS, standalone
from prover.report.figures import Figure, figures
from prover.report.rows import ResultRow
from tests.report.test_report import sample, write_run


@pytest.fixture(scope="module")
async def run(tmp_path_factory: pytest.TempPathFactory) -> Path:
    rows = await sample()
    for number, row in enumerate(rows):  # as if a model had helped
        if row.get("search", {}).get("sources"):
            row["search"]["sources"] = [("model", "structure")[number % 2], "model"][: len(row["search"]["sources"])]
        row["attempts"] = {"scores": {"model": [[8, 4, 2.2, 1, 1]]}, "reasons": {"took <too> long": 3}}
        row["difficulty"] = ("easy", "medium", "hard")[number % 3]
    folder = tmp_path_factory.mktemp("run")
    write_run(folder, rows)
    return folder


def call(*arguments: object) -> Any:
    return CliRunner().invoke(cli, ["report", *map(str, arguments)], standalone_mode=False)


def lines(run: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in (run / "results.jsonl").read_text().splitlines()]


def test_table_has_a_row_for_each_theorem(run: Path, tmp_path: Path) -> None:
    result = call(run, "--csv", tmp_path / "t.csv")
    assert result.exception is None, result.output
    with (tmp_path / "t.csv").open(newline="") as file:
        rows = list(csv.DictReader(file))
    assert [row["name"] for row in rows] == [line["problem"] for line in lines(run)]
    assert tuple(rows[0]) == COLUMNS
    for row, line in zip(rows, lines(run), strict=True):
        assert row["proved"] == str(line["proved"])
        if line["proved"]:
            assert row["proof"] == line["verification"]["source"]
            assert int(row["length"]) == len(line["search"]["tactics"])
            assert float(row["policy_s"]) + float(row["assistant_s"]) <= float(row["search_s"])


def test_parquet_has_the_same_with_types(run: Path, tmp_path: Path) -> None:
    parquet = pytest.importorskip("pyarrow.parquet", reason="extra [report]")
    assert call(run, "--parquet", tmp_path / "t.parquet").exception is None
    table = parquet.read_table(tmp_path / "t.parquet")
    assert table.column("proved").to_pylist() == [line["proved"] for line in lines(run)]
    assert {str(table.schema.field(name).type) for name in ("elapsed_s", "policy_s")} == {"double"}


def test_figures_stand_on_their_own(run: Path, tmp_path: Path) -> None:
    result = call(run, "--figures", tmp_path / "f")
    assert result.exception is None, result.output
    names = {path.stem for path in (tmp_path / "f").iterdir()}
    assert {"solved-over-time", "time-split", "calibration-model", "by-difficulty", "by-proposer", "reasons"} <= names
    for path in (tmp_path / "f").iterdir():
        text = path.read_text()
        assert ElementTree.fromstring(text).tag == "{http://www.w3.org/2000/svg}svg"
        assert "var(" not in text
        assert "light-dark" not in text


def test_png_is_a_picture_of_that_size(run: Path, tmp_path: Path) -> None:
    pytest.importorskip("resvg_py", reason="extra [report]")
    assert call(run, "--figures", tmp_path, "--format", "png").exception is None
    data = (tmp_path / "solved-over-time.png").read_bytes()
    assert data.startswith(b"\x89PNG")
    assert struct.unpack(">II", data[16:24]) == (1200, 705)


def test_caption_with_markup_stays_text() -> None:
    drawing = '<svg viewBox="0 0 4 4" role="img"></svg>'
    assert ElementTree.fromstring(standalone(Figure("a", "<b> & c", drawing)))[0].text == "<b> & c"


def test_folder_that_is_no_run_is_bad_input(tmp_path: Path) -> None:
    assert call(tmp_path).return_value == 2


def test_difficulties_go_up() -> None:
    rows = [ResultRow.of({"problem": str(n), "difficulty": d}) for n, d in enumerate(("hard", "easy", "medium"))]
    drawn = next(f.drawing for cell in figures(rows, {}) for f in cell if f.name == "by-difficulty")
    assert drawn.index("easy") < drawn.index("medium") < drawn.index("hard")
