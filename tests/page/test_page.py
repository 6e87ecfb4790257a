"""What a person does on the page."""

from __future__ import annotations

import json
import re
from typing import Any

import pytest
from playwright.sync_api import expect

from prover.policies.registry import policies_for
from tests.page.conftest import TRICK, Opened, downloaded, ended, seen
from tests.prover_serve import Serve

SEVEN = "constructor;;rfl;;exact h.1;;exact h.2.1;;exact h.2.2.1;;exact h.2.2.2"
TURN = "(p q r s : Prop) (h : p ∧ q ∧ r ∧ s) : s ∧ (r ∧ q) ∧ p"


def write(tab: Any, text: str) -> None:
    """Replace what is in the theorem's field, key by key."""
    tab.get_by_role("textbox", name="Theorem").click()
    tab.keyboard.press("Control+A")
    tab.keyboard.type(text)


def give_tactics(tab: Any, tactics: str) -> None:
    tab.get_by_text("policy, limits, cache").click()
    tab.get_by_label("Policy").select_option("scripted")
    tab.get_by_label("Tactics", exact=True).fill(tactics)


def test_theorem_is_typed_proved_read_and_copied(opened: Opened, serve: Serve) -> None:
    tab = opened("/")
    tab.context.grant_permissions(["clipboard-read", "clipboard-write"])
    write(tab, "theorem typed : \\forall p q : Prop, p \\and q \\to q \\and p")
    expect(tab.locator(".cm-content").first).to_contain_text("∀ p q : Prop, p ∧ q → q ∧ p")
    tab.keyboard.press("Control+Enter")
    card = tab.get_by_role("region", name="The certified proof")
    card.wait_for(timeout=60_000)
    job = serve.client.get(f"/v1/proofs/{tab.url.rpartition('/')[2]}").json()
    assert job["proved"]
    expect(tab).to_have_title(re.compile("^typed"))
    for text in ("E – the whole proof elaborated afresh", "axioms", job["record"]["environment"]):
        expect(card).to_contain_text(text)
    assert job["proof"].strip() in card.inner_text()
    card.get_by_role("button", name="Copy the proof").click()
    card.get_by_text("copied").wait_for()
    assert tab.evaluate("navigator.clipboard.readText()") == job["proof"]
    saved = downloaded(tab, lambda: card.get_by_role("button", name="Download").click())
    assert saved == job["proof"]


def test_abbreviations_end_at_the_next_letter_and_on_leaving(opened: Opened) -> None:
    tab = opened("/")
    write(tab, "theorem t (x : \\N) (h : x \\le 3) : x = x \\or")
    tab.keyboard.press("Escape")  # the list of abbreviations
    tab.keyboard.press("Tab")
    expect(tab.locator(".cm-content").first).to_have_text("theorem t (x : ℕ) (h : x ≤ 3) : x = x ∨")
    tab.get_by_text("imports, open").click()
    tab.get_by_role("textbox", name="Header").click()
    tab.keyboard.type("-- \\alp")
    tab.locator(".cm-tooltip-autocomplete").wait_for()
    tab.get_by_role("option", name="α").first.click()
    expect(tab.locator(".cm-content").nth(1)).to_have_text("-- α")


def test_header_belongs_to_the_theorem(opened: Opened) -> None:
    tab = opened("/")
    tab.get_by_role("button", name="a definition in the header").click()
    tab.get_by_role("button", name="Prove", exact=True).click()
    tab.get_by_role("region", name="The certified proof").wait_for(timeout=60_000)
    expect(tab.locator(".card pre").first).to_contain_text("def twice (n : Nat) := n + n")
    tab.get_by_role("button", name="Edit").click()
    tab.get_by_role("textbox", name="Header").wait_for()
    expect(tab.locator(".cm-content").nth(1)).to_have_text("def twice (n : Nat) := n + n")
    expect(tab.locator(".cm-content").first).to_have_text(re.compile("^theorem twice_eq"))


def test_tree_grows_while_the_search_runs_until_it_is_cancelled(opened: Opened, serve: Serve) -> None:
    tab = opened("/")
    write(tab, "theorem endless (n : Nat) : n * n * n + 1 = 1 + n * (n * n)")
    give_tactics(tab, f"rfl;;{TRICK};;have := Nat.zero_le n")
    tab.get_by_role("button", name="Prove", exact=True).click()
    tab.get_by_role("treeitem").nth(5).wait_for(timeout=60_000)
    many = "() => Number(document.querySelector('#outcomes .chip small').textContent)"
    before = tab.evaluate(many)
    seen(tab, f"(before) => ({many})() > before + 10", before)
    expect(tab.get_by_role("tree")).to_contain_text("is not definitionally equal")
    assert tab.evaluate("document.querySelectorAll('.row.current, .row.selected').length") <= 1
    tab.get_by_role("button", name="Map").click()
    expect(tab.locator("#canvas")).to_be_visible()
    tab.get_by_role("button", name="Cancel").click()
    tab.get_by_role("button", name="Search afresh").wait_for(timeout=30_000)
    job = serve.client.get(f"/v1/proofs/{tab.url.rpartition('/')[2]}").json()
    assert job["status"] == "cancelled"
    seen(tab, "(all) => document.querySelector('#panel h2 + table, #panel').textContent.includes(all)",
         f"{job['progress']['tactics']:,} tactics")  # fmt: skip


def test_selected_tactic_shows_its_answer_in_full(opened: Opened, serve: Serve) -> None:
    job = ended(serve, f"theorem turn {TURN}", policy=f"scripted:{SEVEN}", cache="ignore")
    assert job["proved"]
    tab = opened(f"/jobs/{job['id']}")
    tab.locator(".row.proof").nth(7).wait_for()
    tab.get_by_role("tree").focus()
    tab.keyboard.press("Home")
    tab.keyboard.press("e")
    tab.locator(".row.attempt", has_text="rfl").first.click()
    panel = tab.get_by_role("complementary", name="Details")
    expect(panel).to_contain_text("Lean's answer")
    expect(panel).to_contain_text("Tactic `rfl` failed")
    tab.keyboard.press("p")
    expect(panel).to_contain_text("closed")


def test_statement_that_lean_refuses_is_shown_with_its_place(opened: Opened) -> None:
    tab = opened("/")
    write(tab, "theorem bad : nonsense = 1")
    tab.keyboard.press("Control+Enter")
    tab.get_by_role("heading", name="Lean does not accept the statement").wait_for(timeout=60_000)
    card = tab.locator(".card")
    expect(card).to_contain_text("line 1, column 15")
    expect(card).to_contain_text("nonsense")
    expect(tab.locator("li.wrong")).to_have_count(1)


def test_policies_are_those_of_the_server(opened: Opened, serve: Serve) -> None:
    tab = opened("/")
    tab.get_by_text("policy, limits, cache").click()
    names = ["", *(entry.name for entry in policies_for("lean"))]
    seen(
        tab,
        "(names) => [...document.querySelectorAll('#field-policy option')].map((o) => o.value).join() === names",
        ",".join(names),
    )
    tab.get_by_label("Policy").select_option("ranked")
    write(tab, "theorem t (a b : Nat) : a + b = b + a")
    tab.get_by_role("button", name="Prove", exact=True).click()
    tab.get_by_role("region", name="The certified proof").wait_for(timeout=60_000)
    assert serve.client.get(f"/v1/proofs/{tab.url.rpartition('/')[2]}").json()["policy"] == "ranked"
    tab.get_by_role("link", name="Prove", exact=True).click()
    expect(tab.get_by_label("Policy")).to_have_value("ranked")


def test_request_that_is_refused_says_why(opened: Opened) -> None:
    tab = opened("/")
    write(tab, "")
    tab.keyboard.press("Delete")
    tab.get_by_role("button", name="Prove", exact=True).click()
    alert = tab.get_by_role("alert")
    expect(alert).to_contain_text("body.theorem: String should have at least 1 character")
    tab.get_by_text("policy, limits, cache").click()
    tab.get_by_label("Seconds").fill("1e9")
    write(tab, "theorem t : 1 = 1")
    tab.get_by_role("button", name="Prove", exact=True).click()
    tab.get_by_text("timeout_s is at most").first.wait_for()


def test_lost_connection_is_taken_up_where_it_broke(opened: Opened, serve: Serve) -> None:
    job = ended(serve, f"theorem turn {TURN}", policy=f"scripted:{SEVEN}", cache="ignore")
    text = serve.client.get(job["links"]["events"]).text
    half = text[: text.index("\n\n", len(text) // 2) + 2]
    last = re.findall(r"^id: (\S+)", half, re.MULTILINE)[-1]
    tab = opened("/jobs")
    asked: list[str | None] = []

    def broken(route: Any) -> None:
        asked.append(route.request.headers.get("last-event-id"))
        if len(asked) == 1:
            route.fulfill(body=half, content_type="text/event-stream")
        else:
            route.continue_()

    tab.route("**/events", broken)
    tab.evaluate("(id) => { location.hash = `#/jobs/${id}`; }", job["id"])
    tab.locator(".row.proof").nth(7).wait_for()
    assert asked == [None, last]
    tab.get_by_role("button", name="Whole search").click()
    tried = job["record"]["search"]["statistics"]["tactics"]
    expect(tab.get_by_role("complementary", name="Details")).to_contain_text(f"{tried} tactics")


def test_jobs_are_filtered_and_paged(opened: Opened, serve: Serve) -> None:
    ended(serve, "theorem known (p : Prop) (h : p) : p", policy="scripted:exact h")
    for _ in range(30):
        assert ended(serve, "theorem known (p : Prop) (h : p) : p", policy="scripted:exact h")["proved"]
    ended(serve, "theorem unknown (p q : Prop) (h : p ∧ q) : q", policy="scripted:rfl", name="the odd one")
    tab = opened("/jobs")
    rows = tab.locator("tbody tr")
    rows.nth(24).wait_for()
    first = rows.nth(24).get_by_role("link").get_attribute("href")
    tab.get_by_role("button", name="older").click()
    tab.get_by_text("page 2").wait_for()
    expect(rows.locator(f"a[href='{first}']")).to_have_count(0)
    tab.get_by_role("button", name="newer").click()
    expect(rows.nth(24).get_by_role("link")).to_have_attribute("href", first)
    tab.get_by_label("Show").select_option("unproved")
    known = rows.filter(has_text="theorem known")
    expect(known).to_have_count(0)
    expect(tab.get_by_role("link", name="the odd one")).to_be_visible()
    expect(tab).to_have_url(re.compile(r"#/jobs\?show=unproved$"))
    tab.reload()
    tab.get_by_role("link", name="the odd one").wait_for()
    expect(known).to_have_count(0)
    tab.get_by_role("link", name="the odd one").click()
    tab.get_by_role("heading", name="Not proved").wait_for()


def test_refutation_is_shown_with_its_counterexample(opened: Opened, serve: Serve) -> None:
    job = ended(serve, "theorem below (n : Nat) : n < 3")
    assert job["record"]["verdict"] == "refuted"
    tab = opened(f"/jobs/{job['id']}")
    tab.get_by_role("heading", name="False: n = 3").wait_for()
    expect(tab.get_by_label("Refutation", exact=True)).to_contain_text("exact absurd (@statement 3)")


def test_unfinished_proofs_are_shown_under_what_would_help(opened: Opened, serve: Serve) -> None:
    job = ended(serve, "theorem half (p q : Prop) (h : p ↔ q) : q ↔ p", policy="scripted:constructor")
    assert job["record"]["verdict"] == "unknown"
    tab = opened(f"/jobs/{job['id']}")
    tab.get_by_role("heading", name="Not proved").wait_for()
    tab.locator("#result").get_by_text("What would help is a language model").wait_for()
    tab.get_by_text("Closest: 2 goals are open").wait_for()
    expect(tab.get_by_label("Unfinished proof 1", exact=True)).to_contain_text("· sorry")


def test_answer_from_the_cache_says_so_and_can_be_searched_afresh(opened: Opened, serve: Serve) -> None:
    theorem = "theorem cached (p : Prop) (h : p) : p"
    ended(serve, theorem, policy="scripted:exact h")
    job = ended(serve, theorem, policy="scripted:exact h")
    assert job["cached"]
    tab = opened(f"/jobs/{job['id']}")
    tab.get_by_text("nothing was searched").wait_for()
    tab.get_by_role("button", name="Search afresh").click()
    tab.locator(".row.proof").first.wait_for(timeout=60_000)
    expect(tab).not_to_have_url(re.compile(job["id"]))


def test_batch_is_submitted_followed_plotted_and_explored(opened: Opened, serve: Serve) -> None:
    tab = opened("/batches")
    lines = [
        json.dumps({"name": f"b{i}", "statement": f"theorem b{i} (n : Nat) : n + {i} = {i} + n"}) for i in range(3)
    ]
    tab.get_by_label("Theorems", exact=True).fill("\n".join([*lines, "theorem b9 (n : Nat) : n = 9"]))
    tab.get_by_label("Label").fill("four")
    tab.get_by_label("Effort for a theorem").fill("2")
    tab.get_by_label("Record every search").check()
    tab.get_by_role("button", name="Submit the batch").click()
    tab.get_by_role("heading", name="four").wait_for()
    tab.get_by_text("4 of 4 theorems ended").wait_for(timeout=90_000)
    seen(tab, "() => document.querySelector('.score')?.textContent.includes('3 of 4')")
    expect(tab.locator("figure svg").nth(3)).to_be_visible()
    assert tab.locator("figure svg").first.bounding_box()["height"] > 100
    text = downloaded(tab, lambda: tab.get_by_role("button", name="Results").click())
    assert sorted(json.loads(line)["problem"] for line in text.splitlines()) == ["", "b0", "b1", "b2"]
    tab.get_by_role("link", name="b1").click()
    tab.locator(".row.proof").first.wait_for()
    tab.get_by_role("link", name="its batch").click()
    tab.get_by_role("heading", name="four").wait_for()
    tab.get_by_role("navigation", name="Pages").get_by_role("link", name="Batches").click()
    tab.get_by_role("link", name="four").wait_for()


def test_everything_that_is_wrong_with_a_batch_is_shown_where_one_looks(opened: Opened) -> None:
    tab = opened("/batches", viewport={"width": 390, "height": 600})
    text = tab.get_by_label("Theorems", exact=True)
    text.fill(
        '{"name": "a", "statement": "theorem a : True"}\n{"name": "a", "statement": "theorem a : True"}\n{"b": 1}'
    )
    tab.get_by_role("button", name="Submit the batch").click()
    trouble = tab.get_by_role("alert")
    expect(trouble).to_contain_text("2 errors, the first: line.2.name")
    expect(trouble.get_by_role("listitem")).to_have_text(re.compile("line, 3, statement"))
    expect(trouble).to_be_in_viewport(ratio=0.9)
    expect(text).to_have_value(re.compile("theorem a"))


def test_figures_leave_out_what_other_searches_took(opened: Opened, serve: Serve) -> None:
    ended(serve, "theorem known (p : Prop) (h : p) : p", policy="scripted:exact h")
    problems = [{"name": "known", "statement": "theorem known (p : Prop) (h : p) : p"}]
    batch = serve.client.post("/v1/batches", json={"name": "again", "problems": problems, "policy": "scripted:exact h"})
    serve.until_ended(batch.json())
    tab = opened(f"/batches/{batch.json()['id']}")
    tab.get_by_text("Every answer came from the cache").wait_for()
    captions = tab.locator("figcaption").all_inner_texts()
    assert captions
    assert not {"Solved over time", "Time of a theorem", "Where the time went"} & set(captions)
    expect(tab.locator("tbody tr").first).to_contain_text("cached")


def test_search_without_a_verdict_goes_on_with_more_effort(opened: Opened, serve: Serve) -> None:
    budget = {"expansions": 4, "effort": 3}
    job = ended(serve, "theorem on (p q : Prop) (h : p ∧ q) : q", policy=f"scripted:{TRICK}", budget=budget)
    tab = opened(f"/jobs/{job['id']}")
    tab.get_by_role("button", name="Go on with 4 times the effort").click()
    expect(tab).not_to_have_url(re.compile(job["id"]))
    tab.locator(".card").wait_for(timeout=90_000)
    after = serve.job({"links": {"self": f"/v1/proofs/{tab.url.rpartition('/')[2]}"}})
    asked = after["record"]["budget"]
    assert (asked["expansions"], asked["effort"]) == (16, 12)
    assert after["record"]["search"]["statistics"]["expansions"] > 4
    proved = ended(serve, "theorem on (p : Prop) (h : p) : p", policy="scripted:exact h")
    tab = opened(f"/jobs/{proved['id']}")
    tab.get_by_role("button", name="Edit").wait_for()
    expect(tab.get_by_role("button", name="Go on")).to_have_count(0)


def test_page_says_what_it_can_prove_and_has_an_example_of_every_verdict(opened: Opened) -> None:
    tab = opened("/")
    expect(tab.locator(".about")).to_contain_text("core library")
    expect(tab.locator(".about")).to_contain_text("It does not have Mathlib")
    assert set(tab.locator(".example .badge").all_inner_texts()) == {"proved", "refuted", "not proved"}


def test_page_of_a_job_says_what_is_awaited(opened: Opened, serve: Serve) -> None:
    job = serve.prove(f"theorem awaited {TURN}", policy=f"scripted:{TRICK}", wait_s=0, budget={"expansions": 10_000})
    held: list[Any] = []
    tab = opened("/")
    tab.route(re.compile("/events$"), lambda route: held.append(route))  # nothing is heard of the search
    tab.evaluate("(to) => { location.hash = to; }", f"#/jobs/{job['id']}")
    tab.locator(".waits").wait_for()
    held[0].continue_()
    tab.locator(".row").first.wait_for(timeout=60_000)
    expect(tab.locator(".waits")).to_have_count(0)
    tab.get_by_role("button", name="Cancel").click()


def test_samples_show_what_was_proposed_at_each_state(opened: Opened, serve: Serve) -> None:
    job = ended(serve, f"theorem samples {TURN}", policy=f"scripted:{SEVEN}", cache="ignore")
    tab = opened("/samples")
    tab.get_by_role("link", name="samples", exact=True).first.click()
    states = tab.get_by_role("navigation", name="States").get_by_role("button")
    expect(states).to_have_count(job["record"]["search"]["statistics"]["expansions"])
    rows = tab.locator(".samples-table tbody tr")
    expect(rows).to_have_count(6)
    expect(tab.locator(".state")).to_contain_text("6 tactics proposed")
    tab.get_by_label("Outcome").select_option("advanced")
    expect(rows).to_have_count(1)
    expect(rows.first).to_contain_text("constructor")
    rows.first.get_by_role("button").click()
    expect(states.nth(1)).to_have_attribute("aria-current", "true")
    tab.get_by_label("Outcome").select_option("")
    expect(tab.locator(".state")).to_contain_text("after constructor")
    tab.get_by_role("button", name="state →").click()
    expect(states.nth(2)).to_have_attribute("aria-current", "true")
    tab.reload()
    tab.locator("[aria-current]", has_text="#3").wait_for()


@pytest.mark.parametrize("place", ["name", "policy"])
def test_hostile_texts_stay_text(opened: Opened, serve: Serve, place: str) -> None:
    hostile = "</script><img src=x onerror=alert(1)>&lt; {{ data }}"
    members = {"name": hostile} if place == "name" else {"policy": f"scripted:{hostile};;rfl"}
    job = ended(serve, "theorem hostile : 1 = 1", cache="ignore", **{"policy": "scripted:rfl", **members})
    tab = opened(f"/jobs/{job['id']}")
    tab.locator(".row.proof").first.wait_for()
    tab.get_by_role("tree").focus()
    tab.keyboard.press("e")
    expect(tab.locator("main")).to_contain_text(hostile)
    tab.get_by_role("link", name="samples").last.click()
    tab.locator(".samples-table tbody tr").first.wait_for()
    expect(tab.locator("img")).to_have_count(0)
