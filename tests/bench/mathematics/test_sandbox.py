"""The sandbox against programs that try to get out."""

from __future__ import annotations

import os
import socket
import stat
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from prover.bench.mathematics.sandbox import run as sandbox
from prover.bench.mathematics.sandbox.run import Ending, ProgramLimits, run_program, run_programs
from prover.errors import SandboxUnavailableError

CALL = "import ctypes; libc = ctypes.CDLL(None, use_errno=True); "
QUICK = ProgramLimits(cpu_s=2, wall_s=10)


@pytest.fixture(scope="module")
def secret(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """A file of ours, the address of a listening server, and what an attack must leave alone."""
    path = tmp_path_factory.mktemp("ours") / "secret.txt"
    path.write_text("s3cret")
    path.chmod(0o644)
    yield path
    assert path.read_text() == "s3cret"
    assert stat.S_IMODE(path.stat().st_mode) == 0o644


def test_program_calculates_and_uses_its_scratch_directory() -> None:
    source = (
        "open('a.txt', 'w').write('7'); import os; os.mkdir('d'); print(int(open('a.txt').read()) * 6, os.listdir())"
    )
    assert run_program(source).output == "42 ['a.txt', 'd']\n"


def test_files_that_are_handed_over_are_there() -> None:
    assert run_program("print(open('in.txt').read())", files={"in.txt": "π"}).output == "π\n"


ATTACKS = {
    "read a file": "print(open({path!r}).read())",
    "read a file by its descriptor": CALL + "assert libc.open({path!r}.encode(), 0) >= 0",
    "list a directory": "import os; print(os.listdir({folder!r}))",
    "read the parent's memory": "print(open('/proc/{parent}/mem', 'rb'))",
    "read the parent's environment": "print(open('/proc/{parent}/environ').read())",
    "write a file": "open({path!r}, 'w').write('x')",
    "make a file": "open({folder!r} + '/new', 'w')",
    "remove a file": "import os; os.remove({path!r})",
    "rename a file": "import os; os.rename({path!r}, {path!r} + '2')",
    "link a file into the scratch directory": "import os; os.link({path!r}, 'mine'); print(open('mine').read())",
    "follow a link out": "import os; os.symlink({path!r}, 'mine'); print(open('mine').read())",
    "truncate a file": "import os; os.truncate({path!r}, 0)",
    "change a mode": "import os; os.chmod({path!r}, 0o777)",
    "change a mode by a raw call": CALL + "assert libc.syscall(452, -100, {path!r}.encode(), 0o777, 0) == 0",
    "change times": "import os; os.utime({path!r}, (0, 0))",
    "open a socket": "import socket; socket.create_connection(('127.0.0.1', {port})); print('connected')",
    "open a socket by a raw call": CALL + "assert libc.socket(2, 1, 0) >= 0",
    "listen": "import socket; socket.create_server(('127.0.0.1', 0))",
    "talk through io_uring": CALL + "assert libc.syscall(425, 8, bytes(120)) >= 0",
    "start a program": "import subprocess; subprocess.run(['/bin/true'])",
    "start a program in its place": "import os; os.execv('/bin/true', ['true'])",
    "fork": "import os; os.fork()",
    "fork by a raw call": CALL + "assert libc.syscall(56, 17, 0, 0, 0, 0) >= 0",
    "end the parent": "import os; os.kill({parent}, 9)",
    "end the parent by a raw call": CALL + "assert libc.kill({parent}, 9) == 0",
    "look into the parent": CALL + "assert libc.ptrace(16, {parent}, 0, 0) == 0",
    "change the parent's limits": CALL + "assert libc.prlimit({parent}, 7, bytes(16), None) == 0",
    "raise its own limits": "import resource; resource.setrlimit(resource.RLIMIT_CPU, (99, 99))",
    "have namespaces of its own": CALL + "assert libc.unshare(0x10000000) == 0",
    "mount": CALL + "assert libc.mount(b'none', b'/', b'tmpfs', 0, None) == 0",
    "change root": "import os; os.chroot('.')",
    "become another user": "import os; os.setuid(12345) or open({path!r})",
    "load kernel code": CALL + "assert libc.syscall(321, 0, bytes(72), 72) >= 0",
    "share memory": CALL + "assert libc.shmget(1234, 4096, 0o1666) >= 0",
    "write a large file": "open('big', 'wb').write(bytes(2 << 20)); print('written')",
    "use much memory": "x = bytearray(4 << 30); print(len(x))",
}  # fmt: skip


@pytest.mark.parametrize("attack", ATTACKS)
def test_attack_fails(attack: str, secret: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        server.settimeout(0.01)
        source = ATTACKS[attack].format(
            path=str(secret), folder=str(secret.parent), parent=os.getpid(), port=server.getsockname()[1]
        )
        result = run_program(source, limits=QUICK)
        with pytest.raises(TimeoutError):
            server.accept()
    assert result.ending is not Ending.OK, result
    assert result.output == ""
    assert [path.name for path in secret.parent.iterdir()] == ["secret.txt"]


@pytest.mark.skipif(os.uname().machine != "x86_64", reason="a second set of system calls is x86_64's")
def test_second_numbers_of_system_calls_end_the_program() -> None:
    assert run_program(CALL + "libc.syscall(0x40000000 + 41, 2, 1, 0); print('alive')").ending is Ending.KILLED


@pytest.mark.parametrize(
    ("source", "limits"),
    [
        ("while True: pass", ProgramLimits(cpu_s=1, wall_s=20)),
        ("9 ** 9 ** 9 ** 9", ProgramLimits(cpu_s=1, wall_s=20)),
        ("import time; time.sleep(60)", ProgramLimits(wall_s=0.5)),
        (
            "import signal, time; signal.signal(signal.SIGXCPU, signal.SIG_IGN)\nwhile True: pass",
            ProgramLimits(cpu_s=1),
        ),
    ],
)
def test_program_that_does_not_end_is_ended(source: str, limits: ProgramLimits) -> None:
    assert run_program(source, limits=limits).ending is Ending.OUT_OF_TIME


def test_memory_is_limited_and_said_to_be() -> None:
    assert run_program("x = [0] * 10**10").ending is Ending.OUT_OF_MEMORY


def test_long_output_is_cut() -> None:
    result = run_program("print('x' * 900_000)")
    assert (result.ending, len(result.output)) == (Ending.OK, sandbox.OUTPUT_BYTES)


def test_nothing_of_our_environment_is_seen(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PROVER_MODEL__API_KEY", "k3y")
    output = run_program("import os; print(dict(os.environ), os.getcwd())").output
    assert "k3y" not in output
    assert str(Path.home()) not in output


def test_nothing_is_left_behind(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    run_program("open('a', 'w').write('x'); import os; os.makedirs('b/c')")
    assert list(tmp_path.iterdir()) == []


def test_no_lockdown_means_no_run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    text = sandbox.LOCKDOWN.read_text().replace("CREATE_RULESET, ADD_RULE, RESTRICT_SELF = 444, 445, 446", "CREATE_RULESET, ADD_RULE, RESTRICT_SELF = 9999, 445, 446")  # fmt: skip  # noqa: E501
    (tmp_path / "lockdown.py").write_text(text)
    monkeypatch.setattr(sandbox, "LOCKDOWN", tmp_path / "lockdown.py")
    with pytest.raises(SandboxUnavailableError, match="Landlock"):
        run_program(f"open({str(tmp_path / 'ran')!r}, 'w')")
    assert not (tmp_path / "ran").exists()


def test_many_programs_come_back_in_order() -> None:
    results = run_programs([f"print({n} ** 2)" for n in range(6)], workers=2)
    assert [result.output.strip() for result in results] == [str(n * n) for n in range(6)]


def test_error_of_a_program_is_told() -> None:
    result = run_program("1 / 0")
    assert result.ending is Ending.FAILED
    assert "ZeroDivisionError" in result.errors
    assert sys.prefix not in run_program("import sys; sys.exit('bye')").errors
