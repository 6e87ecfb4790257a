"""For everybody: by keyboard, with a screen reader, dark or light, on a phone, with an API key."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import expect

from prover.core.distribution import install_line
from tests.page.conftest import DESK, PHONE, Opened, ended
from tests.prover_serve import Serve

RULES = {
    "light": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "best-practice"],
    "dark": ["color-contrast"],
}
"""What may differ between the two is checked in both."""


@pytest.fixture(scope="module")
def addresses(serve: Serve) -> list[str]:
    """One address of every kind, with something to see."""
    proved = ended(serve, "theorem shown (p q : Prop) (h : p ∧ q) : q", policy="scripted:exact h.1;;exact h.2")
    failed = ended(serve, "theorem shown : nonsense")
    refuted = ended(serve, "theorem shown (p : Prop) : p", policy="scripted:rfl")
    open_ = ended(
        serve,
        "theorem shown (p q : Prop) (h : p ∧ q) : q",
        policy="scripted:rfl;;have : True := trivial",
        budget={"expansions": 4},
    )
    batch = serve.client.post(
        "/v1/batches", json={"problems": [{"statement": "theorem b : 1 = 1"}], "policy": "scripted:rfl"}
    )
    place = batch.json()["links"]["self"]
    assert serve.client.get(place, params={"wait_s": 30}).json()["proved"] == 1
    jobs = [f"/jobs/{job['id']}" for job in (proved, failed, refuted, open_)]
    return ["/", "/jobs", *jobs, "/batches", place.removeprefix("/v1"), "/samples", f"/samples/{proved['id']}"]


def show(tab: Any, address: str) -> None:
    """Go there and wait for what is to be seen."""
    tab.evaluate("(to) => { location.hash = `#${to}`; }", address)
    view = tab.locator(f".view[data-path='{address}']")
    view.locator("tbody tr:visible, .card:visible").first.wait_for()


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_every_view_is_accessible(opened: Opened, addresses: list[str], scheme: str) -> None:
    axe = pytest.importorskip("axe_playwright_python.sync_playwright", reason=install_line("browser")).Axe()
    tab = opened("/", color_scheme=scheme)
    for address in addresses:
        show(tab, address)
        found = axe.run(tab, options={"runOnly": RULES[scheme]}).response["violations"]
        assert [(address, rule["id"], rule["nodes"][0]["html"]) for rule in found] == []


def test_no_view_is_wider_than_a_phone(opened: Opened, addresses: list[str]) -> None:
    tab = opened("/", **PHONE)
    for address in addresses:
        show(tab, address)
        assert tab.evaluate("document.documentElement.scrollWidth <= innerWidth"), address
        if tab.locator(".row:visible").count():
            tab.locator(".row").first.click()  # what was tried there is listed beside it
        boxes = "[...document.querySelectorAll('.scroll, #panel')]"
        assert tab.evaluate(f"{boxes}.filter((box) => box.scrollWidth > box.clientWidth).length") == 0, address


def test_map_on_a_phone_has_its_key_beside_the_buttons_and_zooms_by_two_fingers(opened: Opened, serve: Serve) -> None:
    job = ended(serve, "theorem fingers (p q : Prop) (h : p ∧ q) : q ∧ p", policy="scripted:constructor;;exact h.2")
    tab = opened(f"/jobs/{job['id']}", **PHONE)
    tab.get_by_role("button", name="Map").click()
    canvas = tab.locator("#canvas")
    canvas.scroll_into_view_if_needed()
    key, zoom, place = (tab.locator(name).bounding_box() for name in ("#legend", "#zoom", "#map"))
    assert zoom["y"] + zoom["height"] <= key["y"]
    for box in (key, zoom):
        assert place["x"] <= box["x"]
        assert box["x"] + box["width"] <= place["x"] + place["width"]
    looks = "(e) => e.toDataURL()"
    before = canvas.evaluate(looks)
    box = canvas.bounding_box()
    x, y = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
    browser = tab.context.new_cdp_session(tab)
    for kind, apart in (("touchStart", 20), ("touchMove", 50), ("touchMove", 80)):
        fingers = [{"x": x - apart, "y": y, "id": 1}, {"x": x + apart, "y": y, "id": 2}]
        browser.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": fingers})
    browser.send("Input.dispatchTouchEvent", {"type": "touchEnd", "touchPoints": []})
    assert canvas.evaluate(looks) != before
    tab.get_by_role("button", name="show all").click()
    assert canvas.evaluate(looks) == before


def test_heading_is_focused_without_a_ring(opened: Opened) -> None:
    tab = opened("/")
    tab.keyboard.press("Tab")
    tab.evaluate("() => { location.hash = '#/jobs'; }")
    heading = tab.get_by_role("heading", name="Jobs", exact=True)
    expect(heading).to_be_focused()
    expect(heading).to_have_css("outline-style", "none")


def test_everything_is_done_by_keyboard(opened: Opened) -> None:
    tab = opened("/")
    tab.keyboard.press("Tab")
    expect(tab.get_by_role("link", name="Skip to the content")).to_be_focused()
    tab.keyboard.press("Enter")
    expect(tab.locator("#content")).to_be_focused()
    tab.keyboard.press("Tab")
    assert tab.evaluate("document.activeElement.shadowRoot.activeElement.getAttribute('aria-label')") == "Theorem"
    tab.keyboard.press("Control+A")
    tab.keyboard.type("theorem keys (p q : Prop) (h : p ∧ q) : q ∧ p")
    tab.keyboard.press("Tab")  # leaves the field
    assert tab.evaluate("document.activeElement.tagName") == "SUMMARY"
    tab.keyboard.press("Shift+Tab")
    tab.keyboard.press("Control+Enter")
    tab.locator(".row.proof").first.wait_for(timeout=60_000)
    expect(tab.locator("h1:focus")).to_have_count(1)  # a screen reader is told where it is
    expect(tab.locator("#said")).to_have_text("proved", timeout=60_000)
    while tab.evaluate("document.activeElement.id") != "outline":
        tab.keyboard.press("Tab")
    tab.keyboard.press("Home")
    expect(tab.get_by_role("treeitem", selected=True)).to_have_attribute("aria-level", "1")
    tab.keyboard.press("ArrowDown")
    expect(tab.get_by_role("treeitem", selected=True)).to_have_attribute("aria-level", "2")
    selected = tab.locator(".row.selected").get_attribute("id")
    expect(tab.get_by_role("tree")).to_have_attribute("aria-activedescendant", selected or "none")
    tab.keyboard.press("m")
    expect(tab.locator("#canvas")).to_be_focused()


def test_theme_is_chosen_and_kept(opened: Opened) -> None:
    tab = opened("/jobs", color_scheme="light")
    ground = "getComputedStyle(document.body).backgroundColor"
    light = tab.evaluate(ground)
    tab.get_by_role("button", name="light or dark").click()
    expect(tab.locator("body")).not_to_have_css("background-color", light)
    dark = tab.evaluate(ground)
    tab.reload()
    expect(tab.locator("body")).to_have_css("background-color", dark)


def test_leaving_a_view_ends_its_stream(opened: Opened, serve: Serve) -> None:
    endless = "scripted:have : True := trivial;;rfl"
    job = serve.prove(
        "theorem long (n : Nat) : n * n * n + 1 = 1 + n * (n * n)",
        policy=endless,
        wait_s=0,
        budget={"expansions": 10_000},
    )
    tab = opened(f"/jobs/{job['id']}")
    tab.get_by_role("treeitem").nth(3).wait_for(timeout=60_000)
    with tab.expect_event("requestfailed", lambda request: request.url.endswith("/events")):
        tab.get_by_role("link", name="Jobs").click()
    tab.get_by_role("heading", name="Jobs").wait_for()
    serve.client.delete(job["links"]["self"])


def test_server_with_keys_asks_for_one(opened: Opened, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PROVER_SERVE__KEYS_FILE", str(tmp_path / "keys.json"))
    command = [sys.executable, "-m", "prover", "key", "ada"]
    key = subprocess.run(command, capture_output=True, text=True, check=True, env=os.environ).stdout.strip()
    locked = Serve(tmp_path)
    try:
        tab = opened("/jobs", base=str(locked.client.base_url).rstrip("/"), **DESK)
        dialog = tab.get_by_role("dialog")
        dialog.get_by_label("API key", exact=True).fill("prover_ada_" + "0" * 64)
        dialog.get_by_role("button", name="Use").click()
        dialog.get_by_text("not valid").wait_for()
        dialog.get_by_label("API key", exact=True).fill(key)
        dialog.get_by_role("button", name="Use").click()
        tab.get_by_text("nothing here yet").wait_for()
        tab.get_by_role("link", name="Prove", exact=True).click()
        tab.get_by_role("textbox", name="Theorem").click()
        tab.keyboard.press("Control+Enter")
        tab.locator(".row.proof").first.wait_for(timeout=60_000)
        tab.get_by_role("button", name="Forget the API key").click()
        tab.get_by_role("dialog").wait_for()
    finally:
        assert locked.end() == 0
