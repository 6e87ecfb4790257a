from __future__ import annotations

import importlib
import subprocess
import sys
from pathlib import Path

import pytest

from prover.environments.isabelle.answers import Applied, Broken, Failed, Lost, read_answer, read_flag
from prover.environments.isabelle.witness import Witness, refusal
from prover.errors import EnvironmentProtocolError
from tests.conftest import ROOT

PROTOCOL = "prover/environments/isabelle/pisa.proto"


def test_generated_module_is_what_the_protocol_file_gives(tmp_path: Path) -> None:
    pytest.importorskip("grpc_tools")
    pb2 = importlib.import_module("prover.environments.isabelle.pisa_pb2")
    descriptor_pb2 = importlib.import_module("google.protobuf.descriptor_pb2")
    made = tmp_path / "made.bin"
    command = [sys.executable, "-m", "grpc_tools.protoc", f"-I{ROOT}", f"--descriptor_set_out={made}", PROTOCOL]
    subprocess.run(command, cwd=ROOT, check=True)
    (file,) = descriptor_pb2.FileDescriptorSet.FromString(made.read_bytes()).file
    known = descriptor_pb2.FileDescriptorProto.FromString(pb2.DESCRIPTOR.serialized_pb)
    for one in (file, known):
        for message in one.message_type:
            for field in message.field:
                field.ClearField("json_name")
    assert file == known


@pytest.mark.parametrize(
    ("text", "meaning"),
    [
        ("proof (prove)\ngoal (1 subgoal):\n 1. A", Applied("proof (prove)\ngoal (1 subgoal):\n 1. A")),
        ("", Applied("")),
        ("Step error: Undefined fact: \"x\" (line 1)", Failed('Undefined fact: "x" (line 1)')),
        ("Step error: Timeout after 10.663s", Failed("Timeout after 10.663s", timed_out=True)),
        ("Unknown error: Futures timed out after [40000 milliseconds]",
         Failed("Futures timed out after [40000 milliseconds]", timed_out=True)),
        ("Unknown error: null", Broken("null")),
        # the process behind the server is gone, in words of several versions
        ("Unknown error: Isabelle process was destroyed", Broken("Isabelle process was destroyed")),
        ("Unknown error: de.unruh.isabelle.control.IsabelleDestroyedException: Isabelle process was destroyed",
         Broken("de.unruh.isabelle.control.IsabelleDestroyedException: Isabelle process was destroyed")),
        ("Step error: Isabelle process was destroyed", Broken("Isabelle process was destroyed")),
        ("Unknown error: java.lang.OutOfMemoryError: Java heap space",
         Broken("java.lang.OutOfMemoryError: Java heap space")),
        ("Unknown error: java.util.concurrent.TimeoutException: Futures timed out after [35 seconds]",
         Failed("java.util.concurrent.TimeoutException: Futures timed out after [35 seconds]", timed_out=True)),
        ("Step error: ", Failed("an error without a message")),
        ("Didn't find top level state of given name: a_1", Lost("a_1")),
        # goals that speak of errors, as another client mistakes for failures
        ("proof (prove)\ngoal (1 subgoal):\n 1. error x = Timeout after y", 
         Applied("proof (prove)\ngoal (1 subgoal):\n 1. error x = Timeout after y")),
        # an error that quotes a goal which speaks of timeouts
        ("Step error: Failed to finish proof (line 1):\ngoal (1 subgoal):\n 1. Timeout after 3",
         Failed("Failed to finish proof (line 1):\ngoal (1 subgoal):\n 1. Timeout after 3")),
        ("Step error: \x05\x06position\x05Undefined fact\x05\x06\x05", Failed("Undefined fact")),
    ],
)  # fmt: skip
def test_answer_is_told_by_how_it_begins(text: str, meaning: object) -> None:
    assert read_answer(text) == meaning


def test_hammer_says_what_it_found() -> None:
    assert read_answer("by (metis foo) <hammer> ", hammer=True) == Applied("", "by (metis foo)")
    assert read_answer("by auto <hammer> proof (state)\nthis", hammer=True) == Applied("proof (state)\nthis", "by auto")
    assert read_answer("Step error: Sledgehammer has no goal", hammer=True) == Failed("Sledgehammer has no goal")


def test_hammer_that_found_nothing_is_no_syntax_error() -> None:
    """PISA then runs the word `error`."""
    said = "Step error: Outer syntax error (line 1): command expected,\nbut identifier error (line 1) was found"
    assert read_answer(said, hammer=True) == Failed("the hammer found nothing")
    assert read_answer(said) == Failed(said.removeprefix("Step error: "))
    ours = "Step error: no proof found by sledgehammer: No prover is set\nAt command"
    assert read_answer(ours, hammer=True) == Failed("the hammer found nothing: No prover is set")
    with pytest.raises(EnvironmentProtocolError):
        read_answer("proof (prove)", hammer=True)


def test_finished_is_true_or_false_and_nothing_else() -> None:
    assert read_flag("true") is True
    assert read_flag("false") is False
    assert isinstance(read_flag("Didn't find top level state of given name: x"), Lost)
    with pytest.raises(EnvironmentProtocolError):
        read_flag("Unrecognised operation.")


CLAIM = Witness(("p",), oracles=1, hypotheses=0, axioms=("T.f_def",))


@pytest.mark.parametrize(
    ("proof", "reason"),
    [
        (Witness(("p",), 0, 0, ("T.f_def",)), None),
        (Witness(("q",), 0, 0, ("T.f_def",)), "not what was stated"),
        (Witness(("p", "p"), 0, 0, ("T.f_def",)), "not what was stated"),
        (Witness((), 0, 0, ("T.f_def",)), "not what was stated"),
        (Witness(("p",), 1, 0, ("T.f_def",)), "oracle"),
        (Witness(("p",), 0, 1, ("T.f_def",)), "hypotheses"),
        (Witness(("p",), 0, 0, ("T.bad", "T.f_def")), "adds axioms: T.bad"),
        (Witness(("p",), 0, 0, ()), "adds axioms"),
    ],
)
def test_proof_must_have_the_claims_proposition_and_nothing_behind_it(proof: Witness, reason: str | None) -> None:
    said = refusal(CLAIM, proof)
    assert (said is None) if reason is None else (said is not None and reason in said)


def test_isabelle_that_does_not_report_the_oracle_of_sorry_is_not_believed() -> None:
    with pytest.raises(EnvironmentProtocolError):
        refusal(Witness(("p",), 0, 0, ()), Witness(("p",), 0, 0, ()))


def test_witness_is_read_or_refused_as_a_whole() -> None:
    assert Witness.read("At: M1:12:ab1:01:01:0M end", "M") == Witness(("ab",), 0, 0, ())
    for text in ("", "M", "M1:1M", "M1:12:ab1:01:01:0xM", "M1:12:ab1:01:0M", "M1:x2:abM", "M1:12:abM M M"):
        with pytest.raises(EnvironmentProtocolError):
            Witness.read(text, "M")


def test_theory_names_of_one_length_are_exchanged() -> None:
    proof = Witness(("C14:Prover_Proof.f",), 0, 0, ("Prover_Proof.f_def",)).in_theory("Prover_Proof", "Prover_Claim")
    assert proof == Witness(("C14:Prover_Claim.f",), 0, 0, ("Prover_Claim.f_def",))
