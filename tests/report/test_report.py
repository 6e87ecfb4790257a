"""The report of a run: what it says, what it survives, what it lets nothing do."""

from __future__ import annotations

import asyncio
import json
import re
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from playwright.sync_api import expect

from prover.bench.summary import summarise
from prover.core.budget import SearchBudget
from prover.core.theorem import Theorem
from prover.environments.toy import ToyEnvironment
from prover.policies.scripted import ScriptedPolicy
from prover.proving.prove import prove_theorem
from prover.report.plots import Bar, count_bars, histogram, rate_bars, solved_curve
from prover.report.report import write_report
from prover.report.rows import ResultRow, read_rows
from tests.report.pages import Page
from tests.report.test_tree import HOSTILE

CONDITIONS = {
    "versions": {"prover": "0.1.0"}, "environment": "toy@1", "policy": "scripted", "budget": {"expansions": 9},
    "seed": 7, "hardware": {"cpu": "abacus", "cores": 10}, "commit": "c0ffee", "workers": 1,
    "started": "2026-11-21T07:00:00+00:00", "elapsed_s": 3.5, "command": "prover bench toys.jsonl", "set": "toys.jsonl",
}  # fmt: skip


async def sample() -> list[dict[str, Any]]:
    """A run over counting tasks, each really searched and verified: two in three can be reached."""
    policy = ScriptedPolicy(["add 2", "add 7", "done", "sorry", "nonsense"])
    rows: list[dict[str, Any]] = []
    for number in range(21):
        target = number + (3 if number % 3 == 1 else 2 * (number % 4))
        statement = f"theorem count_{number} : {number} to {target}"
        record = await prove_theorem(
            Theorem.from_text(statement),
            environment=ToyEnvironment(),
            generator=policy,
            budget=SearchBudget(expansions=5),
        )
        heading = {
            "problem": f"count_{number}", "split": "test" if number % 2 else "valid",
            "kind": ("even", "odd", "other")[number % 3], "difficulty": None, "canary": number == 19, "error": None,
        }  # fmt: skip
        rows.append({**heading, **record.model_dump(mode="json")})
    rows.append({**heading, "problem": "no_task", "canary": False, "proved": False, "error": "statement: not a task"})
    return rows


def write_run(folder: Path, rows: list[dict[str, Any]], **changed: Any) -> Page:
    """Write the folder of a run; return its report as a browser reads it."""
    text = "".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows)
    (folder / "results.jsonl").write_text(text, encoding="utf-8")
    summary = {**summarise(rows), **CONDITIONS, **changed}
    (folder / "summary.json").write_text(json.dumps(summary))
    return Page(write_report(folder, title="A run").read_text(encoding="utf-8"))


def words(page: Page) -> str:
    """All text of a page but style and script."""
    return " ".join(
        page.texts.get(number, "") for number, (tag, _) in enumerate(page.elements) if tag not in {"style", "script"}
    )


async def test_report_says_how_the_run_went(tmp_path: Path) -> None:
    rows = await sample()
    page = write_run(tmp_path, rows)
    said = words(page)
    proved = sum(row["proved"] for row in rows if not row["canary"])
    assert 5 < proved < 20
    assert f"{proved / 21:.1%}" in said
    assert "95 % interval" in said
    assert "1 with an error" in said
    assert "95 % interval unknown" not in said
    for caption in ("Solved over time", "Solved over expansions", "Solved over tactics", "By kind", "By split"):
        assert caption in said
    for condition in ("abacus", "c0ffee", "prover bench toys.jsonl", "expansions: 9"):
        assert condition in said
    assert "statement: not a task" in said
    assert page.fetched() == []
    assert len(page.tags("tbody")) == len(rows)


async def test_proofs_and_unproved_statements_are_in_the_page(tmp_path: Path) -> None:
    rows = await sample()
    said = words(write_run(tmp_path, rows))
    for row in rows:
        if row["proved"]:
            assert row["verification"]["source"].strip() in said
        elif not row["error"]:
            assert row["statement"] in said


async def test_report_shows_how_far_a_search_got(tmp_path: Path) -> None:
    rows = await sample()
    unfinished = {"tactics": ["simp"], "goals": ["⊢ p"], "source": f"theorem t : p := by\n  sorry -- {HOSTILE}\n"}
    for row in rows:
        row["closest"] = [unfinished]
    page = write_run(tmp_path, rows)
    unproved = sum(not row["proved"] for row in rows)
    assert words(page).count("how far it got") >= unproved
    assert HOSTILE in words(page)
    assert page.tags("img") == []


async def test_proved_false_statement_is_an_alarm(tmp_path: Path) -> None:
    rows = await sample()
    rows[19]["proved"] = False
    calm = write_run(tmp_path, rows)
    assert "None of the 1 false statements" in words(calm)
    rows[19]["proved"] = True
    page = write_run(tmp_path, rows)
    assert [found["class"] for found in page.tags("div") if found.get("role") == "alert"] == ["banner alarm"]
    assert 'false statements was "proved": count_19' in words(page)
    # A summary that does not know of it calms nobody.
    assert '"proved"' in words(write_run(tmp_path, rows, canaries={"total": 1, "proved": 0}))


async def test_run_that_was_killed_has_a_report(tmp_path: Path) -> None:
    rows = await sample()
    text = "".join(json.dumps(row) + "\n" for row in rows)
    (tmp_path / "results.jsonl").write_text(text[:-40])
    page = Page(write_report(tmp_path).read_text())
    assert "There is no summary.json" in words(page)
    assert len(page.tags("tbody")) == len(rows) - 1
    assert tmp_path.name in words(page)


def test_folder_without_results_has_an_empty_report(tmp_path: Path) -> None:
    assert "There are no results." in words(Page(write_report(tmp_path).read_text()))


async def test_hostile_texts_stay_text(tmp_path: Path) -> None:
    rows = await sample()
    for row in rows:
        row.update(problem=HOSTILE + row["problem"], split=HOSTILE, kind=HOSTILE + row["kind"], statement=HOSTILE)
        if row["proved"]:
            row["search"]["sources"] = [HOSTILE]
            row["search"]["tactics"] = [HOSTILE]
            row["verification"]["source"] = HOSTILE
    page = write_run(tmp_path, rows, command=HOSTILE, hardware={HOSTILE: HOSTILE}, by_kind={HOSTILE: {"proved": 1}})
    assert page.tags("img") == []
    assert len(page.tags("script")) == 2
    assert HOSTILE in words(page)


ANY = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=5,
)
MEMBERS = st.sampled_from(
    ["problem", "split", "kind", "canary", "error", "search", "verification", "statement", "proved", "elapsed_s",
     "refused", "closest", "proved", "total", "interval", "by_split", "by_kind", "by_source", "canaries", "budget"]
)  # fmt: skip


@settings(deadline=None)
@given(st.lists(st.dictionaries(MEMBERS, ANY), max_size=4), st.dictionaries(MEMBERS, ANY))
def test_odd_members_make_no_report_fail(
    tmp_path_factory: pytest.TempPathFactory, rows: list[dict[str, Any]], summary: dict[str, Any]
) -> None:
    folder = tmp_path_factory.mktemp("run")
    (folder / "results.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows))
    (folder / "summary.json").write_text(json.dumps(summary))
    Page(write_report(folder).read_text())


def test_later_line_of_a_problem_counts(tmp_path: Path) -> None:
    path = tmp_path / "results.jsonl"
    path.write_text(
        '{"problem": "a", "proved": false, "error": "machine: it burns"}\n{"problem": "a", "proved": true}\n'
    )
    assert [(row.name, row.proved, row.error) for row in read_rows(path)] == [("a", True, None)]


def test_row_without_search_says_why_it_stopped() -> None:
    assert ResultRow.of({"problem": "a", "error": "machine: no memory"}).stop == "machine"
    assert ResultRow.of({"problem": "a", "search": {"stop": "exhausted"}}).stop == "exhausted"


POSITIVE = st.floats(0, 1e7, allow_nan=False)


@given(st.lists(POSITIVE, max_size=30), st.lists(POSITIVE, max_size=30))
def test_plots_stay_inside_their_frame(solved: list[float], unsolved: list[float]) -> None:
    for drawing in (
        solved_curve([(value, "t") for value in solved], len(solved) + len(unsolved), label="x", unit=" s"),
        histogram({"proved": solved, "refuted": unsolved[:3], "unknown": unsolved}, label="x"),
    ):
        for tag, attributes in Page(drawing).elements:
            for name in ("x", "y", "cx", "cy", "x1", "x2", "y1", "y2"):
                assert tag == "svg" or 0 <= float(attributes.get(name) or 0) <= 400, (tag, attributes)


@given(st.lists(st.builds(Bar, st.text(), st.integers(0, 9), st.integers(0, 9), st.none() | st.just((0.1, 0.9)))))
def test_bars_are_drawn_for_any_counts(bars: list[Bar]) -> None:
    assert Page(rate_bars(bars, label="x")).elements
    assert Page(count_bars(bars, label="x")).elements


@pytest.fixture
def written(tmp_path: Path) -> Path:
    write_run(tmp_path, asyncio.run(sample()))
    return tmp_path / "report.html"


def test_browser_sorts_filters_and_unfolds(written: Path, chromium: Any) -> None:
    tab = chromium.new_page()
    errors: list[str] = []
    tab.on("pageerror", lambda error: errors.append(str(error)))
    tab.goto(written.as_uri())
    tab.locator("[data-sort=tactics]").click()
    figures = [int(text) for text in tab.locator("tbody tr:first-child td:last-child").all_inner_texts() if text]
    assert figures == sorted(figures, reverse=True)
    tab.locator(".fold", has_text="count_6").click()
    expect(tab.locator("tr.text:visible")).to_contain_text("theorem count_6 : 6 to 10 := by")
    tab.locator("[data-filter=outcome]").select_option("proved")
    expect(tab.locator(".badge:visible").filter(has_not_text=re.compile("^proved$"))).to_have_count(0)
    expect(tab.locator(".badge:visible").first).to_have_text("proved")
    assert errors == []
