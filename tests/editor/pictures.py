"""The pictures of docs/how-to/vscode.md: `python -m tests.editor.pictures` draws them anew. Needs Chromium.

A real service is asked, the real Lean elaborates the package with what it answers, and what Lean says is drawn in the
manner of VS Code and its infoview. That is no photograph of VS Code, and the page says so.
"""

from __future__ import annotations

import asyncio
import html
import json
import re
import tempfile
from dataclasses import dataclass
from pathlib import Path

import httpx

from prover.environments.lean_wasm.environment import LeanWasmEnvironment
from prover.environments.lean_wasm.install import Installation
from prover.settings import Settings
from tests.browser import chromium_or_skip
from tests.conftest import ROOT
from tests.editor.elaborating import elaborated, transport
from tests.prover_serve import Serve

IMAGES = ROOT / "docs" / "images"
WIDTH = 1040
TWICE = "def twice (n : Nat) := n + n\n\n"
KEYWORDS = r"\b(?:import|def|theorem|example|by|intro)\b"


@dataclass(frozen=True)
class Scene:
    """A file whose last line is the tactic, as it is shown; the state there; how the tactic is called here."""

    name: str
    before: str
    statement: str
    tactic: str
    state: str
    called: str


SCENES = (
    Scene(
        "suggest",
        TWICE,
        "theorem twice_eq (n : Nat) : twice n = 2 * n := by\n",
        "suggest?",
        "n : Nat\n⊢ twice n = 2 * n",
        "suggest",
    ),
    Scene(
        "suggest-rw",
        "",
        "example (a b c : Nat) (h : a = b) (k : b = c) : a = c := by\n",
        'suggest? "rw ["',
        "a b c : Nat\nh : a = b\nk : b = c\n⊢ a = c",
        "suggest_rw",
    ),
    Scene(
        "prove",
        "",
        "example (xs ys : List Nat) : (xs ++ ys).reverse = ys.reverse ++ xs.reverse := by\n",
        "prove?",
        "xs ys : List Nat\n⊢ (xs ++ ys).reverse = ys.reverse ++ xs.reverse",
        "prove",
    ),
    Scene(
        "premises",
        "",
        "example (xs ys : List Nat) : (xs ++ ys).length = ys.length + xs.length := by\n",
        "premises?",
        "xs ys : List Nat\n⊢ (xs ++ ys).length = ys.length + xs.length",
        "premises",
    ),
)
STYLE = """
* { box-sizing: border-box; margin: 0; }
body { width: 1040px; font: 13px/1.5 "DejaVu Sans", sans-serif; color: #1f2328; background: #fff; }
main { display: grid; grid-template-columns: 560px 1fr; border: 1px solid #d0d7de; }
header {
  grid-column: 1 / -1; background: #f3f4f6; border-bottom: 1px solid #d0d7de; padding: 5px 12px; color: #57606a;
}
pre, .mono { font: 12.5px/1.6 "DejaVu Sans Mono", monospace; white-space: pre-wrap; overflow-wrap: anywhere; }
.file {
  padding: 10px 8px; border-right: 1px solid #d0d7de; display: grid; grid-template-columns: 26px 1fr;
  align-content: start;
}
.file span.number { color: #8c959f; text-align: right; padding-right: 10px; }
b { color: #af00db; font-weight: 400; }
u { text-decoration: underline wavy #1a85ff; text-underline-offset: 3px; }
section { padding: 8px 14px 12px; }
h2 { font-size: 12px; font-weight: 600; margin: 6px 0 4px; }
.goal .target { color: #0b5fa5; } .name { color: #b5760b; }
.message { border-left: 3px solid #1a85ff; background: #f6f8fa; padding: 5px 10px; margin: 6px 0; }
.message.error { border-color: #d1242f; }
.apply { color: #0b5fa5; text-decoration: underline; }
"""


async def main() -> None:
    """Draw every picture."""
    with tempfile.TemporaryDirectory() as folder:
        serve = Serve(Path(folder))
        try:
            lean = LeanWasmEnvironment(Installation(Settings().cache_dir))
            async with httpx.AsyncClient(base_url=serve.url, timeout=300) as service:
                pages = [(scene.name, page(scene, await said(scene, service, lean))) for scene in SCENES]
            await lean.close()
        finally:
            serve.end()
    await asyncio.to_thread(photograph, pages)


async def said(scene: Scene, service: httpx.AsyncClient, lean: LeanWasmEnvironment) -> list[tuple[str, str]]:
    """Return what Lean says at the tactic, with the service's answers."""
    about = {"state": scene.state, "header": scene.before, "n": 4 if scene.called == "premises" else 8}
    answers = {}
    if scene.called == "premises":
        answers["premises"] = answered(await service.post("/v1/premises", json=about))
    else:
        begun = {"prefix": "rw ["} if scene.called == "suggest_rw" else {}
        answers["tactics"] = answered(await service.post("/v1/tactics", json=about | begun))
    if scene.called == "prove":
        theorem = json.loads(answers["tactics"].rpartition("\n")[0])["theorem"]
        answers["proofs"] = answered(await service.post("/v1/proofs", json={"theorem": theorem}, params={"wait_s": 60}))
    text = f"{scene.before}{scene.statement}  pic_{scene.called}\n"
    found = await elaborated(lean, transport("pic", **answers), text)
    return found[text.count("\n")]


def answered(response: httpx.Response) -> str:
    """Return an answer as curl would print it."""
    return f"{response.text}\n{response.status_code}"


def page(scene: Scene, messages: list[tuple[str, str]]) -> str:
    """Return file, goal and messages as a page."""
    lines = [*f"{scene.before}{scene.statement}".rstrip("\n").split("\n")]
    shown = [re.sub(KEYWORDS, lambda word: f"<b>{word[0]}</b>", html.escape(line, quote=False)) for line in lines]
    shown.append(f"  <u>{html.escape(scene.tactic, quote=False)}</u>")
    file = "".join(
        f'<span class="number mono">{number}</span><pre>{line}</pre>' for number, line in enumerate(shown, 1)
    )
    goal = "\n".join(
        f'<span class="target">{html.escape(line)}</span>'
        if line.startswith("⊢")
        else re.sub(r"^([^:]*) :", r'<span class="name">\1</span> :', html.escape(line))
        for line in scene.state.split("\n")
    )
    listed = "".join(f'<div class="message {severity}"><pre>{linked(text)}</pre></div>' for severity, text in messages)
    place = f"{len(lines) + 1}:{2 + len(scene.tactic)}"
    return (
        f"<!doctype html><meta charset='utf-8'><style>{STYLE}</style><main><header>Example.lean</header>"
        f'<div class="file">{file}</div><section><h2>▼ Example.lean:{place}</h2><h2>▼ Tactic state</h2>'
        f'<pre class="goal">{goal}</pre><h2>▼ Messages ({len(messages)})</h2>{listed}</section></main>'
    )


def linked(text: str) -> str:
    """Return a message with what can be clicked in the infoview as a link."""
    return re.sub(
        r"\[apply\] (.*)", lambda found: f'<span class="apply">{found[1]}</span>', html.escape(text), flags=re.DOTALL
    )


def photograph(pages: list[tuple[str, str]]) -> None:
    """Write the pages as pictures."""
    with chromium_or_skip() as browser:
        tab = browser.new_page(viewport={"width": WIDTH, "height": 400})
        for name, text in pages:
            tab.set_content(text)
            tab.locator("main").screenshot(path=str(IMAGES / f"editor-{name}.png"))


if __name__ == "__main__":
    asyncio.run(main())
