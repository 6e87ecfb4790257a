"""The page of a search: complete, closed to what statements and messages may try, quick for large searches."""

from __future__ import annotations

import base64
import hashlib
import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import expect

from prover.core.budget import SearchBudget
from prover.core.proof_state import Advanced, Goal, ProofState, Rejected
from prover.core.record import Advice, ProofRecord, SearchResult, StopReason, UnfinishedProof
from prover.policies.generator import TacticCandidate
from prover.report.tree import tree_data, tree_page
from prover.search.events import Expanded, Tried
from prover.search.frontier import Node
from prover.search.trace import SearchTrace, SearchTree
from tests.report.pages import Page
from tests.search.searches import made_up_trace

HOSTILE = "</script><script>alert(1)</script><!--<script> <img src=x onerror=alert(1)> &lt; \u2028 {{ data }} ⟨⟩"


def hostile_tree() -> SearchTree:
    trace = SearchTrace(HOSTILE)
    root = Node(ProofState((Goal(HOSTILE),)))
    candidates = (TacticCandidate(HOSTILE, -1.0, HOSTILE), TacticCandidate("x" + HOSTILE, -1.0, HOSTILE))
    trace(Expanded(root, candidates, 0))
    trace(Tried(root, candidates[0], Rejected(HOSTILE), False))
    trace(Tried(root, candidates[1], Advanced(ProofState((Goal("next" + HOSTILE),))), True))
    return trace.tree()


def test_page_is_well_formed_and_fetches_nothing() -> None:
    text = tree_page(made_up_trace(states=20, per_state=6).tree())
    page = Page(text)
    assert page.fetched() == []
    assert "http" not in re.sub(r'http-equiv="[^"]*"', "", text)
    assert page.tags("html") == [{"lang": "en"}]


def test_page_holds_the_whole_search() -> None:
    tree = made_up_trace(states=50, per_state=6).tree()
    data = json.loads(Page(tree_page(tree)).text_of("data"))
    assert data == tree_data(tree)
    strings = data["strings"]
    for node, row in zip(tree.nodes, data["nodes"], strict=True):
        assert tuple(strings[goal] for goal in row["goals"]) == node.goals
        assert [(strings[a[0]], strings[a[4]], a[7]) for a in row["attempts"]] == [
            (attempt.tactic, attempt.message, attempt.child) for attempt in node.attempts
        ]


def test_hostile_texts_stay_data() -> None:
    text = tree_page(hostile_tree())
    page = Page(text)
    assert len(page.tags("script")) == 2
    assert page.tags("img") == []
    data = json.loads(page.text_of("data"))
    assert data["theorem"] == HOSTILE
    assert HOSTILE in data["strings"]


def test_only_our_own_script_may_run() -> None:
    page = Page(tree_page(hostile_tree()))
    policy = next(meta["content"] for meta in page.tags("meta") if meta.get("http-equiv") == "Content-Security-Policy")
    script = next(n for n, (tag, attributes) in enumerate(page.elements) if tag == "script" and not attributes)
    digest = base64.b64encode(hashlib.sha256(page.texts[script].encode()).digest()).decode()
    assert policy is not None
    assert policy.startswith("default-src 'none';")
    assert f"script-src 'sha256-{digest}'" in policy


def test_interrupted_search_and_empty_search_have_a_page() -> None:
    for tree in (SearchTrace("theorem t : 1 = 1").tree(), made_up_trace(states=1, per_state=2, proved=False).tree()):
        Page(tree_page(tree))


def test_five_thousand_states_and_a_hundred_thousand_tactics_stay_handy() -> None:
    tree = made_up_trace(states=2620, per_state=38).tree()
    assert len(tree.nodes) > 4900
    assert sum(len(node.attempts) for node in tree.nodes) > 99_000
    text = tree_page(tree)
    assert len(text.encode()) < 12_000_000


@pytest.fixture
def shown(chromium: Any, tmp_path: Path) -> Iterator[Any]:
    """Opens a tree in the browser; errors on the page fail the test."""
    errors: list[str] = []

    def heard(message: Any) -> None:
        if message.type == "error":
            errors.append(message.text)

    def asked(request: Any) -> None:
        if not request.url.startswith("file:"):
            errors.append(request.url)

    def alerted(dialog: Any) -> None:
        errors.append(dialog.message)
        dialog.dismiss()

    def show(tree: SearchTree) -> Any:
        path = tmp_path / "tree.html"
        path.write_text(tree_page(tree), encoding="utf-8")
        tab = chromium.new_page(viewport={"width": 1400, "height": 860})
        tab.on("pageerror", lambda error: errors.append(str(error)))
        tab.on("console", heard)
        tab.on("request", asked)
        tab.on("dialog", alerted)
        tab.goto(path.as_uri())
        return tab

    yield show
    assert errors == []


def test_browser_opens_at_the_proof(shown: Any) -> None:
    tree = made_up_trace(states=60, per_state=6).tree()
    tab = shown(tree)
    steps = tree.found[0].steps
    expect(tab.locator(".row.proof")).to_have_count(len(steps) + 1)
    tab.keyboard.press("p")
    last = tree.nodes[steps[-1].node].attempts[steps[-1].attempt]
    expect(tab.locator("#panel")).to_contain_text(last.tactic)


def test_browser_shows_how_far_the_search_got(shown: Any) -> None:
    named = dict.fromkeys(("prover_version", "name", "statement", "digest", "environment", "policy"), "t")
    unfinished = UnfinishedProof(
        tactics=("simp",), goals=("⊢ p",), source=f"theorem t : p := by\n  sorry -- {HOSTILE}\n"
    )
    record = ProofRecord(
        **named,
        budget=SearchBudget(),
        search=SearchResult(stop=StopReason.BUDGET_SPENT),
        closest=(unfinished,),
        advice=Advice(kind="effort", words="more effort"),
    )
    tab = shown(made_up_trace(states=20, per_state=6, proved=False).tree(record))
    tab.keyboard.press("o")
    expect(tab.locator("#panel")).to_contain_text("How far it got 1 goal is open")
    expect(tab.locator("#panel")).to_contain_text(unfinished.source.strip())
    expect(tab.locator("#panel")).to_contain_text("What would help is more effort.")


def test_browser_searches_filters_and_goes_by_keys(shown: Any) -> None:
    tab = shown(made_up_trace(states=60, per_state=12).tree())
    expect(tab.locator(".row").nth(1)).to_be_visible()
    tab.keyboard.press("/")
    tab.keyboard.type("no progress")
    expect(tab.locator("mark").first).to_contain_text("no progress")
    tab.keyboard.press("Enter")
    expect(tab.locator("#panel .message, #panel .why").first).to_contain_text("no progress")
    tab.keyboard.press("Escape")
    expect(tab.locator("mark")).to_have_count(0)
    tab.locator("#outcomes .chip", has_text="rejected").click()
    expect(tab.locator("#outline")).not_to_contain_text("rejected")
    tab.locator("#outcomes .chip", has_text="rejected").click()
    tab.keyboard.press("c")
    expect(tab.locator(".row")).to_have_count(1)
    tab.locator("#outline").focus()
    tab.keyboard.press("ArrowRight")
    tab.keyboard.press("ArrowDown")
    expect(tab.locator(".row.selected")).to_have_attribute("aria-level", "2")
    tab.keyboard.press("m")
    expect(tab.locator("#canvas")).to_be_visible()
    tab.keyboard.press("ArrowRight")
    tab.keyboard.press("+")
    expect(tab.locator("#panel")).to_contain_text("After")


def test_browser_shows_hostile_texts_as_text(shown: Any) -> None:
    tab = shown(hostile_tree())
    tab.keyboard.press("e")
    expect(tab.locator("#outline")).to_contain_text("<img src=x onerror=alert(1)>")
    expect(tab.locator("img")).to_have_count(0)


def test_browser_holds_few_elements_of_a_large_search(shown: Any) -> None:
    tab = shown(made_up_trace(states=1500, per_state=20).tree())
    tab.keyboard.press("e")
    assert tab.evaluate("document.querySelectorAll('*').length") < 3000
    tab.locator("#outline").focus()
    tab.keyboard.press("End")
    expect(tab.locator(".row.selected")).to_have_count(1)
