"""Archives write files below their folder and nothing else, with the library of Python 3.11.0."""

from __future__ import annotations

import io
import tarfile
from pathlib import Path

import pytest

from prover.environments.lean_wasm.unpack import unpack
from prover.errors import InstallationError


def archive(path: Path, *members: tuple[str, bytes] | tarfile.TarInfo) -> Path:
    with tarfile.open(path, "w:gz") as tar:
        for member in members:
            if isinstance(member, tarfile.TarInfo):
                tar.addfile(member)
            else:
                information = tarfile.TarInfo(member[0])
                information.size = len(member[1])
                information.mode = 0o4777
                tar.addfile(information, io.BytesIO(member[1]))
    return path


def link(name: str, target: str, kind: bytes) -> tarfile.TarInfo:
    information = tarfile.TarInfo(name)
    information.type, information.linkname = kind, target
    return information


def test_wanted_files_are_written_and_counted(tmp_path: Path) -> None:
    package = archive(tmp_path / "a.tgz", ("package/a.txt", b"one"), ("package/deep/b.txt", b"four"), ("c.bin", b"x"))
    sizes: list[int] = []
    unpack(package, tmp_path / "to", wanted=lambda name: name.endswith(".txt"), written=sizes.append)
    assert (tmp_path / "to/package/deep/b.txt").read_bytes() == b"four"
    assert sizes == [3, 4]
    assert not (tmp_path / "to/c.bin").exists()
    assert (tmp_path / "to/package/a.txt").stat().st_mode & 0o7111 == 0


def test_links_are_left_out(tmp_path: Path) -> None:
    outside = tmp_path / "outside"
    outside.mkdir()
    (outside / "secret").write_text("secret")
    package = archive(
        tmp_path / "a.tgz",
        link("symbolic", str(outside), tarfile.SYMTYPE),
        link("hard", "../outside/secret", tarfile.LNKTYPE),
        ("symbolic/planted", b"x"),
    )
    unpack(package, tmp_path / "to")
    assert [path.name for path in outside.iterdir()] == ["secret"]
    assert (tmp_path / "to/symbolic/planted").read_bytes() == b"x"
    assert not (tmp_path / "to/hard").exists()


@pytest.mark.parametrize("name", ["../planted", "package/../../planted", "/planted-by-a-test"])
def test_name_that_leads_out_is_refused(name: str, tmp_path: Path) -> None:
    with pytest.raises(InstallationError, match="forbidden name"):
        unpack(archive(tmp_path / "a.tgz", (name, b"x")), tmp_path / "to")
    assert not (tmp_path / "planted").exists()
