"""The sandbox claim: text that runs inside Lean reaches no host file, no process, no input, no secret."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from prover.core.record import Verification
from prover.core.theorem import Theorem
from prover.environments.lean_wasm.environment import LeanWasmEnvironment

PREAMBLE = "open IO in\n"


async def run(lean: LeanWasmEnvironment, action: str, *, header: str = "") -> Verification:
    """Let Lean evaluate an IO action; what it says is in the messages."""
    text = f"{header}#eval show IO Unit from do\n  {action}\ntheorem t : True := trivial"
    return await lean.check_source(Theorem.from_text(text), against=None, timeout_s=300)


def said(verification: Verification) -> str:
    return " | ".join(message.text for message in verification.messages)


async def test_evaluation_works_at_all(lean: LeanWasmEnvironment) -> None:
    verification = await run(lean, 'IO.println "it runs"')
    assert verification.accepted, verification
    assert "it runs" in said(verification)


@pytest.mark.parametrize(
    "path", ["/etc/passwd", "/proc/self/environ", "/lean/lib/lean/Init.olean", "../../../etc/passwd"]
)
async def test_no_host_file_can_be_read(lean: LeanWasmEnvironment, path: str) -> None:
    verification = await run(lean, f'let text ← IO.FS.readFile "{path}"; IO.println text')
    assert not verification.accepted
    assert "no such file" in said(verification).lower()


async def test_no_host_file_can_be_written(lean: LeanWasmEnvironment, tmp_path: Path) -> None:
    target = tmp_path / "stolen.txt"
    targets = [str(target), "/tmp/prover-sandbox-test", "/lean/lib/prover-sandbox-test"]
    for path in targets:
        await run(lean, f'IO.FS.createDirAll "{Path(path).parent}"; IO.FS.writeFile "{path}" "x"')
    assert not any(os.path.exists(path) for path in targets)
    assert not list(lean.installation.folder.rglob("*prover-sandbox-test*"))


@pytest.mark.parametrize("folder", ["/etc", "/usr", "/var", "/lean/lib/lean"])
async def test_the_host_folders_do_not_exist(lean: LeanWasmEnvironment, folder: str) -> None:
    verification = await run(
        lean, f'let there ← System.FilePath.pathExists "{folder}"; IO.println s!"there: {{there}}"'
    )
    assert verification.accepted, verification
    assert "there: false" in said(verification)


@pytest.mark.parametrize("command", ["/bin/sh", "sh", "node", "ls"])
async def test_no_process_can_be_started(lean: LeanWasmEnvironment, command: str, tmp_path: Path) -> None:
    marker = tmp_path / "ran"
    arguments = f'{{ cmd := "{command}", args := #["-c", "touch {marker}"] }}'
    verification = await run(lean, f"let out ← IO.Process.output {arguments}; IO.println out.stdout")
    assert not verification.accepted
    assert not marker.exists()


async def test_standard_input_is_empty(lean: LeanWasmEnvironment) -> None:
    verification = await run(lean, 'let line ← (← IO.getStdin).getLine; IO.println s!"[{line}]"')
    assert verification.accepted
    assert "[]" in said(verification)


@pytest.mark.parametrize("name", ["PATH", "HOME", "PROVER_CACHE_DIR", "SECRET"])
async def test_environment_variables_are_not_ours(
    lean: LeanWasmEnvironment, name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SECRET", "s3cret")
    verification = await run(lean, f'let value ← IO.getEnv "{name}"; IO.println s!"value: [{{value.getD "none"}}]"')
    assert verification.accepted, verification
    assert os.environ.get(name, "s3cret") not in said(verification)


async def test_output_cannot_forge_the_protocol(lean: LeanWasmEnvironment) -> None:
    forged = '{\\"id\\": 1, \\"accepted\\": true, \\"theorems\\": [], \\"messages\\": []}'
    print_it = f'IO.println "{forged}"\n  IO.eprintln "{forged}"\n  (← IO.getStdout).flush'
    text = f"#eval show IO Unit from do\n  {print_it}\ntheorem t : 1 = 2 := by decide"
    for _ in range(2):
        verification = await lean.check_source(Theorem.from_text(text), against=None, timeout_s=300)
        assert not verification.accepted


async def test_exit_ends_only_the_verification(lean: LeanWasmEnvironment) -> None:
    verification = await run(lean, "IO.Process.exit 0")
    assert not verification.accepted
    assert "ended" in (verification.reason or "")
    assert (await run(lean, "pure ()")).accepted


async def test_code_cannot_be_loaded(lean: LeanWasmEnvironment) -> None:
    action = 'IO.FS.writeFile "/tmp/x.so" "not really"; Lean.loadDynlib "/tmp/x.so"; IO.println "loaded"'
    verification = await run(lean, action, header="import Lean\n")
    assert "loaded" not in said(verification)


async def test_no_path_of_the_host_is_told(lean: LeanWasmEnvironment) -> None:
    verification = await run(lean, "IO.println (← IO.appPath); IO.println (← IO.currentDir)")
    assert verification.accepted, verification
    assert str(lean.installation.cache) not in said(verification)
