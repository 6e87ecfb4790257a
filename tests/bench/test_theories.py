"""miniF2F for Isabelle: theory files become problems that Isabelle's environment can state. The texts are our own."""

from __future__ import annotations

import hashlib
import io
import json
import tarfile
from pathlib import Path

import pytest

from prover.bench.pinned import defects, pinned_name, pins, problem_set
from prover.bench.problem_sets import isabelle_canaries, read_problems
from prover.bench.selection import select
from prover.bench.theories import problem_of_theory
from prover.environments.syntax.isabelle.statement import IsabelleStatement
from prover.errors import InstallationError, InvalidProblemSetError
from tests.bench.test_compare import serving

PROVED = r"""(*
  Authors: Nobody
*)

theory double_is_even
  imports Complex_Main "HOL-Computational_Algebra.Computational_Algebra"
begin

theorem double_is_even:
  fixes n :: nat (* any *)
  assumes h0 : "n > 0"
    and "\<not> odd n"
  shows "even (2 * n)"
proof -
  have "even (2 * n)" using h0 by simp
  then show ?thesis by auto
qed

end"""
DEFINED = r"""theory with_digits imports Complex_Main
begin

fun sum_of :: "nat \<Rightarrow> nat" where
  "sum_of n = (if n < 10 then n else n mod 10 + sum_of (n div 10))"

theorem with_digits: "sum_of 12 = (3::nat)"
sorry

end   """
WORDS = {"problem_name": "double_is_even", "informal_statement": "Twice $n$ is even.", "informal_proof": "Clear."}


def test_theorem_is_taken_without_its_proof_and_imports() -> None:
    row = problem_of_theory("double_is_even", PROVED)
    assert row["header"] == ""
    assert "proof" not in row["statement"]
    assert "(*" not in row["statement"]
    statement = IsabelleStatement.read(row["statement"])
    assert (statement.name, statement.imports, statement.proof) == ("double_is_even", (), "")
    assert statement.words == IsabelleStatement.read(PROVED).words


def test_definitions_before_it_are_its_header() -> None:
    row = problem_of_theory("with_digits", DEFINED)
    assert row["header"].startswith("fun sum_of")
    assert row["statement"] == 'theorem with_digits: "sum_of 12 = (3::nat)"'


@pytest.mark.parametrize(
    ("text", "says"),
    [
        (PROVED, "states double_is_even, not another"),
        ("theory another imports Main begin\n\nend", "states no theorem"),
        ('theory another imports Main begin\nlemma another: "x\nend', "states no theorem"),
    ],
)
def test_file_with_another_content_is_named(text: str, says: str) -> None:
    with pytest.raises(InstallationError, match=f"another.thy {says}"):
        problem_of_theory("another", text)


def packed(files: dict[str, str]) -> tuple[bytes, str]:
    """An archive as a host packs a commit, and the digest of these files."""
    content, digest = io.BytesIO(), hashlib.sha256()
    with tarfile.open(fileobj=content, mode="w:gz") as archive:
        for name, text in sorted(files.items()):
            member = tarfile.TarInfo(f"y-3/{name}")
            member.size = len(text.encode())
            archive.addfile(member, io.BytesIO(text.encode()))
            if name != "README.md":
                digest.update(f"{name}\0{len(text.encode())}\0{text}".encode())
    return content.getvalue(), digest.hexdigest()


def test_theories_are_fetched_with_the_problems_in_words(tmp_path: Path) -> None:
    files = {
        "README.md": "no theory",
        "isabelle/test/double_is_even.thy": PROVED,
        "isabelle/valid/with_digits.thy": DEFINED,
        "informal/test/double_is_even.json": json.dumps(WORDS),
    }
    archive, digest = packed(files)
    pin = {
        "repository": "x/y", "commit": "3" * 40, "environment": "isabelle", "sha256": digest,
        "folders": {"isabelle/test": "test", "isabelle/valid": "valid"}, "words": {"informal/test": "test"},
    }  # fmt: skip
    known = {"theories": pin, "wrong": {**pin, "sha256": "0" * 64}}
    with serving({f"/x/y/tar.gz/{'3' * 40}": archive}) as url:
        path = problem_set("theories", tmp_path, known=known, archives=url)
        with pytest.raises(InstallationError, match="not what was pinned"):
            problem_set("wrong", tmp_path, known=known, archives=url)
    (problem,) = read_problems(f"{path}:test")
    assert problem.informal == "Twice $n$ is even.\n\n### Solution\n\nClear."
    assert problem.theorem().informal == problem.informal
    (other,) = read_problems(f"{path}:valid")
    assert IsabelleStatement.read(other.theorem().source).header.startswith("fun sum_of")
    assert other.informal == ""


def test_name_means_the_statements_of_the_environment() -> None:
    assert pinned_name("minif2f", "isabelle") == "minif2f-isabelle"
    assert pinned_name("minif2f", "lean-project") == "minif2f"
    assert pinned_name("core", "isabelle") is None
    for name, environment in (("minif2f-openai", "lean-project"), ("minif2f-llemma", "isabelle"), ("minif2f", "lean")):
        with pytest.raises(InvalidProblemSetError, match="--environment"):
            pinned_name(name, environment)


def test_every_pinned_set_is_whole_and_defects_have_reasons() -> None:
    for name in ("minif2f-isabelle", "minif2f-openai"):
        pin = pins()[name]
        assert (len(pin["commit"]), len(pin["sha256"])) == (40, 64)
        assert set(pin["folders"].values()) == {"test", "valid"}
        assert all(reason.strip() for reason in defects(name).values())
        assert defects(name)
    assert defects("core") == {}


def test_run_in_isabelle_has_false_statements_that_isabelle_reads(tmp_path: Path) -> None:
    file = tmp_path / "mine.jsonl"
    file.write_text(json.dumps({"name": "t", "statement": 'lemma t: "True"'}) + "\n")
    chosen = select(str(file), "isabelle", tmp_path, sample=None, canaries=3, seed=1)
    assert sum(problem.canary for problem in chosen.problems) == 3
    for canary in read_problems(isabelle_canaries()):
        assert IsabelleStatement.read(canary.statement).name == canary.name
    assert chosen.version == {}


def test_defects_of_a_statement_make_it_no_other_problem(tmp_path: Path) -> None:
    file = tmp_path / "mine.jsonl"
    row = {"name": "t", "statement": 'lemma t: "True"'}
    digests = []
    for extra in ({}, {"defect": "false"}, {"informal": "It is true."}):
        file.write_text(json.dumps(row | extra) + "\n")
        digests.append(select(str(file), "isabelle", tmp_path, sample=None, canaries=0, seed=1).digest)
    assert digests[0] == digests[1] != digests[2]


def test_what_cannot_be_forbidden_is_refused_before_the_run(tmp_path: Path) -> None:
    file = tmp_path / "mine.jsonl"
    file.write_text(json.dumps({"name": "t", "statement": "theorem t : True", "forbid": ["trivial"]}) + "\n")
    with pytest.raises(InvalidProblemSetError, match=r"1 problems \(the first: t\) forbid .* --environment lean"):
        select(str(file), "leandojo", tmp_path, sample=None, canaries=0, seed=1)
    for environment in ("lean", "lean-project"):
        found = select(str(file), environment, tmp_path, sample=None, canaries=0, seed=1)
        assert found.problems[0].forbid == ("trivial",)
