from __future__ import annotations

import asyncio
import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from tests.conftest import ROOT
from tests.environments.isabelle.relays import Relay
from tests.models.server import Answer, answer, choice, serving

REV = 'lemma t: "rev (rev xs) = xs"'


async def prover(relay: Relay, *arguments: str, **settings: str) -> subprocess.CompletedProcess[str]:
    environment = os.environ | {
        "PROVER_ISABELLE__ADDRESSES": relay.address,
        "PROVER_ISABELLE__IMPORTS": "Main",
        "PROVER_ISABELLE__VERIFIER": "pisa",
        "COLUMNS": "200",
    }
    return await asyncio.to_thread(
        subprocess.run,
        [sys.executable, "-m", "prover", *arguments],
        env=environment | settings,
        capture_output=True,
        text=True,
        check=False,
    )


async def test_prove_writes_a_theory_that_verify_accepts(relay: Relay, tmp_path: Path) -> None:
    proved, stated = tmp_path / "Proved.thy", tmp_path / "stated.thy"
    stated.write_text(REV)
    found = await prover(relay, "prove", "--environment", "isabelle", REV, "--output", str(proved))
    assert found.returncode == 0, found.stderr
    assert found.stdout == proved.read_text()
    assert proved.read_text() == f"theory Proved\n  imports Main\nbegin\n\n{REV}\n  by auto\n\nend\n" or (
        "by simp" in proved.read_text()
    )
    again = await prover(relay, "verify", "--environment", "isabelle", str(proved), "--against", str(stated), "--json")
    assert again.returncode == 0, again.stdout
    assert json.loads(again.stdout)["messages"][0]["text"] == "checked in a fresh PISA process"
    stated.write_text('lemma t: "rev xs = xs"')
    other = await prover(relay, "verify", "--environment", "isabelle", str(proved), "--against", str(stated))
    assert other.returncode == 1


async def test_false_lemma_and_bad_statement_have_their_exit_statuses(relay: Relay) -> None:
    false = await prover(relay, "prove", "--environment", "isabelle", 'lemma t: "(0::nat) = 1"', "--timeout", "10")
    assert false.returncode == 1
    bad = await prover(relay, "prove", "--environment", "isabelle", 'lemma t: "x')
    assert bad.returncode == 2
    assert "not closed" in bad.stderr


@pytest.mark.parametrize("header", ['nonsense f :: nat where "f = 1"', "ML \\<open>1\\<close>"])
async def test_header_that_fails_is_bad_input_by_every_route(relay: Relay, header: str, tmp_path: Path) -> None:
    stated, proved = tmp_path / "stated.thy", tmp_path / "proved.thy"
    stated.write_text(f"{header}\n\n{REV}")
    proved.write_text(f"theory T imports Main begin\n{header}\n\n{REV}\n  by simp\nend")
    isabelle = ("--environment", "isabelle")
    for arguments in (
        ("prove", "--file", str(stated)),
        ("refute", "--file", str(stated)),
        ("verify", str(proved)),
        ("verify", str(proved), "--against", str(stated)),
    ):
        done = await prover(relay, *arguments, *isabelle)
        assert done.returncode == 2, (arguments, done.stdout, done.stderr)


AFTER = REV + "\n  by simp"
BAD_ANSWERS = {
    "axioms before it": 'axiomatization where bad: "False"\n' + AFTER,
    "code before it": "ML \\<open>1\\<close>\n" + AFTER,
    "an option before it": "declare [[quick_and_dirty]]\n" + AFTER,
    "a value in the proof": REV + '\n  value "1"\n  by simp',
    "a fact in the proof": REV + "\n  thm TrueI\n  by simp",
    "a text in the proof": REV + "\n  text \\<open>x\\<close> by simp",
    "a character of another language": REV + "\n  by sіmp",
    "a quotation that is not closed": REV + '\n  by (simp add: "',
    "sorry": REV + "\n  sorry",
    "code in the proof": REV + "\n  by (tactic \\<open>all_tac\\<close>)",
    "no theorem": "what?",
}


async def test_bad_answer_to_a_statement_is_rejected_whatever_is_bad(relay: Relay, tmp_path: Path) -> None:
    stated, answer, batch = tmp_path / "stated.thy", tmp_path / "answer.thy", tmp_path / "b.jsonl"
    stated.write_text(REV)
    lines = [{"name": name, "source": text, "statement": REV} for name, text in BAD_ANSWERS.items()]
    lines.append({"name": "answer", "answer": BAD_ANSWERS["a value in the proof"], "statement": REV})
    batch.write_text("".join(f"{json.dumps(line)}\n" for line in lines))
    done = await prover(relay, "verify", "--environment", "isabelle", "--batch", str(batch), "--workers", "1")
    rows = [json.loads(line) for line in done.stdout.splitlines()]
    assert [(row["name"], row["verdict"]) for row in rows] == [(str(line["name"]), "rejected") for line in lines]
    assert all(row["reason"] for row in rows)
    assert done.returncode == 1
    for name in ("axioms before it", "a value in the proof"):
        answer.write_text(BAD_ANSWERS[name])
        one = await prover(relay, "verify", "--environment", "isabelle", str(answer), "--against", str(stated))
        assert (one.returncode, "rejected" in one.stderr) == (1, True), one.stderr
    swapped = await prover(relay, "verify", "--environment", "isabelle", str(stated), "--against", str(answer))
    assert swapped.returncode == 2  # the statement to prove is the question


async def test_server_that_is_not_there_is_a_machine_fault(relay: Relay) -> None:
    nobody = {"PROVER_ISABELLE__ADDRESSES": "127.0.0.1:1"}
    lost = await prover(relay, "prove", "--environment", "isabelle", REV, **nobody)
    assert lost.returncode == 3
    assert "no Isabelle server answers at 127.0.0.1:1 (Connection refused)" in lost.stderr
    assert "servers/isabelle/README.md" in lost.stderr
    report = await prover(relay, "doctor", "--json", **nobody)
    (finding,) = [f for f in json.loads(report.stdout)["findings"] if f["name"] == "isabelle"]
    assert (report.returncode, "Connection refused" in finding["text"]) == (3, True)


async def test_policies_are_those_that_isabelle_has(relay: Relay) -> None:
    agent = await prover(relay, "prove", "--environment", "isabelle", REV, "--policy", "agent")
    assert agent.returncode == 2
    assert "sketch" in agent.stderr
    scripted = await prover(relay, "prove", "--environment", "isabelle", REV, "--policy", "scripted:by simp")
    assert scripted.returncode == 0


async def test_sketch_and_formalise_ask_the_model(relay: Relay, tmp_path: Path) -> None:
    words = tmp_path / "words.txt"
    words.write_text("Reversing twice changes nothing.\n\n### Solution\n\nClear.")

    def speak(path: str, body: dict[str, Any]) -> Answer:
        prompt = str(body["prompt"])
        if "Formal statement" in prompt.rsplit("Problem:", 1)[-1]:
            text = REV
        else:
            assert "Clear." in prompt or "Sketch in" in prompt
            text = "proof -\n  show ?thesis sledgehammer\nqed"
        return answer(*(choice(index, text, -1.0) for index in range(body["n"])))

    with serving(speak, context=4096) as model:
        found = await prover(
            relay, "prove", "--environment", "isabelle", REV, "--policy", "sketch", "--informal", str(words),
            "--model", model.url,
        )  # fmt: skip
        stated = await prover(
            relay, "formalise", "Reversing twice changes nothing.", "--environment", "isabelle", "--model", model.url
        )
    assert found.returncode == 0, found.stderr
    assert stated.returncode == 0, stated.stderr
    assert stated.stdout.splitlines()[0] == REV


@pytest.mark.parametrize("address", ["nonsense", "http://localhost:8000", "localhost:", ":8000", "a:1,b"])
async def test_address_that_is_none_is_told_what_is_wanted(relay: Relay, address: str) -> None:
    found = await prover(relay, "prove", "--environment", "isabelle", REV, PROVER_ISABELLE__ADDRESSES=address)
    assert found.returncode == 2
    assert "PROVER_ISABELLE__ADDRESSES" in found.stderr
    assert "host:port" in found.stderr


async def test_imports_that_cannot_be_loaded_are_the_settings_fault(relay: Relay, tmp_path: Path) -> None:
    proved = tmp_path / "T.thy"
    proved.write_text(f"{REV}\n  by simp")
    isabelle = ("--environment", "isabelle")
    for arguments in (("prove", REV, *isabelle), ("verify", str(proved), *isabelle), ("doctor",)):
        found = await prover(relay, *arguments, PROVER_ISABELLE__IMPORTS="NoSuch")
        assert found.returncode == 3, found.stderr
        assert "PROVER_ISABELLE__IMPORTS=NoSuch" in found.stdout + found.stderr
        assert "cannot read the statement" not in found.stdout + found.stderr


@pytest.mark.parametrize("arguments", [("formalise", "x"), ("formalise",), ("formalise", "x", "--file", "y")])
async def test_formalising_needs_a_problem_and_a_model(relay: Relay, arguments: tuple[str, ...]) -> None:
    assert (await prover(relay, *arguments)).returncode == 2


async def test_doctor_tries_the_server_of_searches_though_another_program_verifies(
    relay: Relay, recordings: Path, tmp_path: Path
) -> None:
    builds = tmp_path / "isabelle"
    builds.write_text(
        f'#!/bin/sh\ncd {ROOT}\n[ "$1" = version ] && echo Isabelle2025 && exit\n'
        f'exec {sys.executable} -m tests.environments.isabelle.tool {recordings} "$@"\n'
    )
    builds.chmod(0o755)
    building = {"PROVER_ISABELLE__VERIFIER": "build", "PROVER_ISABELLE__TOOL": str(builds)}
    for address, status, said in (
        (relay.address, 0, "by isabelle build"),
        ("127.0.0.1:1", 3, "no Isabelle server answers at 127.0.0.1:1"),
    ):
        report = await prover(relay, "doctor", "--json", **building, PROVER_ISABELLE__ADDRESSES=address)
        (finding,) = [f for f in json.loads(report.stdout)["findings"] if f["name"] == "isabelle"]
        assert (report.returncode, said in finding["text"]) == (status, True), finding


async def test_doctor_looks_at_isabelle(relay: Relay) -> None:
    report = await prover(relay, "doctor", "--json")
    (finding,) = [f for f in json.loads(report.stdout)["findings"] if f["name"] == "isabelle"]
    assert finding["ok"], finding
    assert "fresh PISA process" in finding["text"]
