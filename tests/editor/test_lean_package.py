"""`suggest?` and `prove?`: from a goal through the real service to what an editor shows."""

from __future__ import annotations

import asyncio
import json
import re
from collections.abc import Iterator

import pytest

from prover.core.theorem import Theorem
from prover.environments.lean_wasm.environment import LeanWasmEnvironment
from prover.environments.lean_wasm.install import LEAN_VERSION, Installation
from tests.conftest import HUNG_S
from tests.editor.elaborating import PACKAGE, PARTS, elaborated, transport
from tests.prover_serve import Serve, new_key

GOALS = """def twice (n : Nat) := n + n

@[simp]
theorem t (n : Nat) : twice n = 2 * n := by
  SUGGEST

example (p q : Prop) : p ∧ q → q ∧ p := by
  intro
  PROVE
"""
SUGGEST_LINE, PROVE_LINE = 5, 9


def asking(suggest: str, prove: str) -> str:
    return GOALS.replace("SUGGEST", suggest).replace("PROVE", prove)


def posted(path: str, seconds: int, body: object) -> str:
    """Return what curl is to read for a request, as a JSON library and curl's manual would have it."""
    text = json.dumps(body, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    quoted = text.replace("\\", "\\\\").replace('"', '\\"')
    return (
        f'url = "http://127.0.0.1:8080{path}"\nrequest = "POST"\nsilent\nshow-error\nmax-time = {seconds}\n'
        f'write-out = "\\n%{{http_code}}"\nheader = "Content-Type: application/json"\ndata-raw = "{quoted}"\n'
    )


async def curl(configuration: str, url: str) -> str:
    """Send what Lean would send, with the arguments that it would use (they are looked at below), and all patience."""
    configuration = re.sub(r"(?m)^max-time = \d+$", f"max-time = {HUNG_S:.0f}", configuration)
    process = await asyncio.create_subprocess_exec(
        "curl", "--disable", "--config", "-", stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.PIPE
    )
    out, _ = await process.communicate(configuration.replace("http://127.0.0.1:8080", url).encode())
    assert process.returncode == 0
    return out.decode()


@pytest.fixture(scope="module")
def service(installation: Installation, tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[str, str]]:
    """The address of a running service, and its API key."""
    assert installation.manifest.exists()
    folder = tmp_path_factory.mktemp("service")
    key = new_key(folder)
    serve = Serve(folder, key=key)
    yield serve.url, key
    assert serve.end() == 0


async def test_both_tactics_go_from_goal_to_proof_through_the_real_service(
    lean: LeanWasmEnvironment, service: tuple[str, str]
) -> None:
    url, api_key = service
    key = f'header = "Authorization: Bearer {api_key}"\n'  # in Lean it comes from the process environment
    asked = await elaborated(lean, transport("first"), asking("first_suggest", "first_prove"))
    (_, to_suggest), (_, to_read) = asked.only(SUGGEST_LINE), asked.only(PROVE_LINE)
    assert "def twice" in to_suggest  # the file before the declaration goes along
    assert "@[simp]" not in to_suggest
    suggestions, reading = await curl(f"{to_suggest}\n{key}", url), await curl(f"{to_read}\n{key}", url)
    assert reading.endswith("\n200")
    theorem = json.loads(reading.rpartition("\n")[0])["theorem"]
    assert "inaccessible_" in theorem
    to_prove = posted("/v1/proofs?wait_s=1", 30, {"budget": {"timeout_s": 60}, "theorem": theorem})
    job = await curl(to_prove + key, url)
    while (read := json.loads(job.rpartition("\n")[0]))["status"] in {
        "queued",
        "running",
    }:  # a cold worker
        job = await curl(f'url = "{url}{read["links"]["self"]}?wait_s=9"\nwrite-out = "\\n%{{http_code}}"\n{key}', url)
    assert read["proved"] is True

    known = transport("first", tactics=suggestions)
    known += transport("second", tactics=reading, proofs=job, expected=to_prove)
    found = await elaborated(lean, known, asking("first_suggest", "second_prove"))
    offered = found[SUGGEST_LINE]
    assert offered
    assert all(severity == "info" and text.startswith("Try this (") for severity, text in offered)
    assert offered[0][1].startswith("Try this (closes the goal):")
    assert any("twice" in text for _, text in offered)
    severity, text = found.only(PROVE_LINE)
    assert (severity, text.splitlines()[0]) == ("info", "Try this:")
    assert not [message for message in found.messages if message.severity == "error"]


def ok(answer: object) -> str:
    return f"{json.dumps(answer)}\n200"


def job(proved: bool, *found: str, **more: object) -> str:
    record = {"search": {"stop": "found" if found else "budget_spent"}, "proof_tactics": found}
    return ok({"id": "p0", "status": "completed", "proved": proved, "record": record, "failure": None} | more)


JOBS = {
    "spent": job(False),
    "refuted": job(
        False,
        record={
            "search": {"stop": "refuted"},
            "refutation": {"counterexample": {"a": "0", "b": "1"}, "tactics": ["decide"], "verification": {}},
        },
    ),
    "failed": job(False, status="failed", record=None, failure={"reason": "line 1: unknown"}),
    "refused": job(False, "intro h", "exact ⟨h.2, h.1⟩"),  # found, and not accepted by verification
    "wrong": job(True, "omega"),
    "named": job(True, "have h :=\n  inaccessible_h", "exact ⟨h.2, h.1⟩"),
}
READING = ok({"suggestions": [], "renamed": ["inaccessible_h"], "theorem": "example : True"})
TRIED = [
    "rfl",
    "nonsense",
    "sorry",
    "refine fun h => ?_",
    "intro h; exact ⟨h.2, sorry⟩",
    "exact fun h => ⟨h.2, h.1⟩",
]
NAMED = """Try this:
  [apply] rename_i inaccessible_h
    have h :=
      inaccessible_h
    exact ⟨h.2, h.1⟩"""
EVALUATED = r"""
#eval Prover.contextOf "import A\n\ndef a := 1\n\n@[simp]\nprivate theorem b : a = 1 := by\n  "
#eval " ".intercalate Prover.curlArguments.toList
#eval Prover.quoted "\\ \" \n \t ⊢"
"""


async def test_answers_are_read_tried_and_shown(lean: LeanWasmEnvironment) -> None:
    """Everything that needs no service, in one elaboration."""
    suggestions = ok({"suggestions": [{"tactic": text, "outcome": "closes"} for text in TRIED], "renamed": []})
    definitions = "".join(transport(name, tactics=READING, proofs=answer) for name, answer in JOBS.items())
    definitions += transport("tried", tactics=suggestions)
    names = [{"name": name, "module": "Init"} for name in ("and_comm", "no_such_theorem", "Nat.add_comm")]
    definitions += transport("known", premises=ok({"premises": names, "notes": []}))
    definitions += transport("unread", premises=ok({"premises": [], "notes": ["it cannot be read"]}))
    definitions += transport("asked")
    definitions += transport("busy", tactics='{"title": "Not now", "detail": "too many", "hint": "wait"}\n429')
    definitions += transport("strange", tactics="<html>\n502")
    used = [*(f"{name}_prove" for name in JOBS), "tried_suggest", "busy_suggest", "strange_suggest"]
    used[used.index("named_prove")] = "intro; named_prove"
    used += ["known_premises; exact fun h => ⟨h.2, h.1⟩", "unread_premises", "asked_suggest_rw", "asked_premises"]
    used += ["suggest?", 'suggest? "rw ["', "prove?", "premises?"]  # as they are shipped
    examples = "".join(f"example (p q : Prop) : p ∧ q → q ∧ p := by\n  {tactic}\n" for tactic in used)
    found = await elaborated(lean, definitions, examples + EVALUATED)
    shown = {tactic: found[2 * (number + 1)] for number, tactic in enumerate(used)}

    assert shown["spent_prove"] == [
        ("error", "no proof found: the time is up; `set_option prover.timeout SECONDS` gives more")
    ]
    assert shown["refuted_prove"] == [("error", "no proof found: it is false for a = 0, b = 1")]
    assert shown["failed_prove"] == [("error", "no proof found: line 1: unknown")]
    assert shown["refused_prove"] == [("error", "no proof found: the job was completed")]
    assert shown["wrong_prove"] == [("error", "the service's proof does not work here:\nomega")]
    assert shown["busy_suggest"] == [("error", "the service answers 429: Not now: too many: wait")]
    assert shown["strange_suggest"] == [("error", "the service answers 502")]
    assert shown["intro; named_prove"] == [("info", NAMED)]
    assert shown["tried_suggest"] == [
        ("info", "Try this (closes the goal):\n  [apply] exact fun h => ⟨h.2, h.1⟩"),
        ("info", "Try this (leaves 1 goal):\n  [apply] refine fun h => ?_"),
    ]
    ((severity, text),) = shown["known_premises; exact fun h => ⟨h.2, h.1⟩"]
    assert severity == "info"
    assert [line.partition(" : ")[0] for line in text.splitlines()] == [
        "Theorems that may help:",
        "and_comm",
        "Nat.add_comm",
    ]
    assert "a + b = b + a" in " ".join(text.split()) or "n + m = m + n" in " ".join(text.split())
    assert shown["unread_premises"] == [("error", "no theorems: it cannot be read")]
    ((_, request),) = shown["asked_suggest_rw"]
    assert '\\"prefix\\":\\"rw [\\"' in request
    ((_, request),) = shown["asked_premises"]
    assert "/v1/premises" in request
    assert "prefix" not in request
    for tactic in ("suggest?", 'suggest? "rw ["', "prove?", "premises?"):
        ((severity, text),) = shown[tactic]
        assert (severity, text.split(":")[0]) == ("error", "curl cannot be started")
    context, arguments, quoted = [m.text for m in found.messages if m.line > found.before + 2 * len(used)]
    assert context == r'"import A\n\ndef a := 1\n\n"'
    assert arguments == '"--disable --config -"'
    assert json.loads(json.loads(quoted)) == '\\ " \n \t ⊢'


async def test_the_options_elaborate(lean: LeanWasmEnvironment) -> None:
    verdict = await lean.check_file(Theorem.from_text((PACKAGE / "Prover" / "Options.lean").read_text()), timeout_s=300)
    assert (verdict.accepted, verdict.messages) == (True, ())


def test_the_package_is_whole_and_for_the_embedded_leans_version() -> None:
    imported = re.findall(r"^import Prover\.(\w+)$", (PACKAGE / "Prover.lean").read_text(), re.MULTILINE)
    assert set(imported) == {path.stem for path in (PACKAGE / "Prover").glob("*.lean")} == {*PARTS, "Options"}
    toolchain = (PACKAGE / "lean-toolchain").read_text().strip()
    assert toolchain == f"leanprover/lean4:v{LEAN_VERSION.partition('-')[0]}"
