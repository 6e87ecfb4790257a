from __future__ import annotations

import hashlib
import http.server
import io
import json
import subprocess
import sys
import tarfile
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from prover.bench.compare import compare, mcnemar, run_outcomes
from prover.bench.formalisation.run import InformalProblem
from prover.bench.pinned import located, outcomes, pins, problem_set, published
from prover.bench.problem_sets import read_problems, read_rows
from prover.errors import InstallationError, InvalidProblemSetError


@pytest.mark.parametrize(
    ("only_first", "only_second", "p"),
    [(0, 0, 1.0), (1, 0, 1.0), (5, 5, 1.0), (6, 0, 2 / 64), (8, 1, 20 / 512), (1, 8, 20 / 512)],
)
def test_mcnemar_is_a_fair_coin(only_first: int, only_second: int, p: float) -> None:
    assert mcnemar(only_first, only_second) == pytest.approx(p)


def test_only_theorems_that_both_have_are_counted() -> None:
    found = compare({"a": True, "b": True, "c": False, "x": True}, {"a": True, "b": False, "c": True, "y": True})
    assert (found.common, found.first, found.second, found.both) == (3, 2, 2, 1)
    assert (found.only_first, found.only_second) == (("b",), ("c",))
    assert (found.missing_in_first, found.missing_in_second) == (1, 1)
    with pytest.raises(InvalidProblemSetError, match="in common"):
        compare({"a": True}, {"b": True})


def results(folder: Path, proved: dict[str, bool]) -> Path:
    folder.mkdir()
    rows = [{"problem": name, "proved": done, "canary": False, "error": None} for name, done in proved.items()]
    rows.append({"problem": "canary", "proved": False, "canary": True, "error": None})
    rows.append({"problem": "lost", "proved": False, "canary": False, "error": "machine: it crashed"})
    (folder / "results.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows))
    return folder


def test_false_statements_and_faults_of_the_machine_are_no_results(tmp_path: Path) -> None:
    assert run_outcomes(results(tmp_path / "run", {"a": True})) == {"a": True}
    with pytest.raises(InvalidProblemSetError, match="no results"):
        run_outcomes(tmp_path)


def test_command_puts_a_run_beside_the_published_results(tmp_path: Path, shared_data: Path) -> None:
    file = shared_data / "llemma_published.json"
    data = json.loads(file.read_text())["theorems"]
    mine = {name: bool(theorem["solved_by"]) for name, theorem in data.items()}
    run = results(tmp_path / "run", mine)
    command = [sys.executable, "-m", "prover", "bench", "compare", str(run), "llemma-7b", "codellama-34b", str(run)]
    told = subprocess.run([*command, "--published", str(file), "--json"], capture_output=True, text=True, check=True)
    found = json.loads(told.stdout)["compared"]
    assert found["llemma-7b"]["proved"] == [70, 64]
    assert found["llemma-7b"]["only_second"] == []
    assert found["llemma-7b"]["mcnemar_p"] == pytest.approx(2 / 2**6)
    assert found["codellama-34b"]["proved"] == [70, 54]
    assert found[str(run)]["mcnemar_p"] == 1.0
    shown = subprocess.run([*command, "--published", str(file)], capture_output=True, text=True, check=True).stdout
    assert "proved there          64 (26.2%" in shown
    assert "imo_1982_p1" in shown  # one that was stated wrongly
    missing = subprocess.run(
        [*command[:-1], "nothing", "--published", str(file)], capture_output=True, text=True, check=False
    )
    assert missing.returncode == 2
    assert "there is no run nothing" in missing.stderr


# ---- what is fetched
@contextmanager
def serving(files: dict[str, bytes]) -> Iterator[str]:
    class Handler(http.server.BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            content = files.get(self.path)
            self.send_response(200 if content is not None else 404)
            self.end_headers()
            self.wfile.write(content or b"")

        def log_message(self, *_: object) -> None:
            pass

    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.server_port}"
        finally:
            server.shutdown()
            thread.join()


def sha256(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


def attempt(name: str, *successes: bool) -> dict[str, object]:
    return {"example": {"full_name": name}, "attempt_results": [{"success": success} for success in successes]}


def test_published_results_are_fetched_once_and_only_as_pinned(tmp_path: Path) -> None:
    content = json.dumps(
        {"results": [attempt("a", False, True), attempt("b", False), attempt("sum_pairs", True)]}
    ).encode()
    pin = {
        "repository": "x/y",
        "commit": "0" * 40,
        "models": {"m": {"out.json": sha256(content)}, "bad": {"out.json": "0"}},
    }
    with serving({f"/x/y/{'0' * 40}/out.json": content}) as url:
        assert published("m", tmp_path, known={"published": pin}, files=url) == {"a": True, "b": False}
        with pytest.raises(InstallationError, match="not what was pinned"):
            published("bad", tmp_path, known={"published": pin}, files=url)
    assert published("m", tmp_path, known={"published": pin}, files="http://nobody.invalid") == {"a": True, "b": False}


def test_statements_are_fetched_as_problem_sets(tmp_path: Path) -> None:
    text = "import Mathlib\n\nopen Real\n\ntheorem a (x : ℕ) :\n  x = x := by sorry"
    files = {"Mine/Test/a.lean": text, "Mine/Valid/b.lean": text.replace(" a ", " b "), "Mine/Test.lean": "import x\n"}
    packed, digest = io.BytesIO(), hashlib.sha256()
    with tarfile.open(fileobj=packed, mode="w:gz") as archive:
        for name, content in files.items():
            member = tarfile.TarInfo(f"y-0/{name}")
            member.size = len(content.encode())
            archive.addfile(member, io.BytesIO(content.encode()))
    for name in ("Mine/Test/a.lean", "Mine/Valid/b.lean"):
        digest.update(f"{name}\0{len(files[name].encode())}\0{files[name]}".encode())
    named = json.dumps({"full_name": "t", "file_path": "F.lean", "split": "test"}).encode()
    known = {
        "trees": {"repository": "x/y", "commit": "1" * 40, "folders": {"Mine/Test": "test", "Mine/Valid": "valid"},
                  "sha256": digest.hexdigest()},
        "named": {"repository": "x/y", "commit": "2" * 40, "file": "d.jsonl", "sha256": sha256(named)},
    }  # fmt: skip
    with serving({f"/x/y/tar.gz/{'1' * 40}": packed.getvalue(), f"/x/y/{'2' * 40}/d.jsonl": named}) as url:
        path = problem_set("trees", tmp_path, known=known, archives=url)
        (problem,) = read_problems(f"{path}:test")
        assert problem.name == "a"
        assert problem.theorem().imports == ("Mathlib",)
        assert problem.theorem().source == text
        (other,) = read_problems(str(problem_set("named", tmp_path, known=known, files=url)))
        assert other.theorem().source == "F.lean::t"
        with pytest.raises(InstallationError, match="cannot fetch"):
            problem_set("named", tmp_path / "elsewhere", known=known, files=f"{url}/nothing")


def test_statements_with_words_are_fetched_as_problem_sets(tmp_path: Path) -> None:
    rows = [
        {"name": "e1", "split": "valid", "informal_prefix": "/-- Show $1 = 1$.-/\n", "header": "open Nat\n\n",
         "formal_statement": "theorem e1 : 1 = 1 :=", "goal": "⊢ 1 = 1"},
        {"name": "e1", "split": "test", "informal_prefix": "/-- Show $2 = 2$. -/\n", "header": "",
         "formal_statement": "def two := 2\n\ntheorem e1 : two = 2 := by\n", "goal": "⊢ two = 2"},
    ]  # fmt: skip
    content = "".join(json.dumps(row) + "\n" for row in rows).encode()
    pin = {"repository": "x/y", "commit": "3" * 40, "file": "d.jsonl", "informal": True, "sha256": sha256(content)}
    with serving({f"/x/y/{'3' * 40}/d.jsonl": content}) as url:
        path = problem_set("mine", tmp_path, known={"mine": pin}, files=url)
    assert located("mine.jsonl:test", tmp_path, ("mine",)) == "mine.jsonl:test"
    first, second = read_rows(str(path), InformalProblem)
    assert (first.informal, second.informal) == ("Show $1 = 1$.", "Show $2 = 2$.")
    assert (first.name, second.name) == ("e1", "e1__2")
    assert first.theorem().source == "open Nat\n\ntheorem e1 : 1 = 1 :="


def test_pins_are_whole() -> None:
    found = pins()
    for name in ("published", "minif2f", "minif2f-llemma", "minif2f-informal", "proofnet"):
        assert len(found[name]["commit"]) == 40
    digests = [digest for model in found["published"]["models"].values() for digest in model.values()]
    assert all(
        len(digest) == 64 for digest in [*digests, found["minif2f"]["sha256"], found["minif2f-llemma"]["sha256"]]
    )
    assert outcomes([]) == {}
