"""A running server follows its file of API keys."""

from __future__ import annotations

from pathlib import Path

import pytest

from prover.errors import AuthenticationError, InvalidSettingError
from prover.web.keys import KeyRing, new_key, write_keys


def test_removed_key_is_void_and_a_new_one_valid_at_once(tmp_path: Path) -> None:
    path = tmp_path / "keys.json"
    (ada, ada_entry), (bob, bob_entry) = new_key("ada"), new_key("bob")
    write_keys(path, [ada_entry])
    ring = KeyRing.from_file(path)
    assert ring.caller(ada).name == "ada"
    write_keys(path, [bob_entry])
    assert ring.caller(bob).name == "bob"
    with pytest.raises(AuthenticationError):
        ring.caller(ada)


def test_last_key_that_is_removed_opens_nothing(tmp_path: Path) -> None:
    path = tmp_path / "keys.json"
    text, entry = new_key("ada")
    write_keys(path, [entry])
    ring = KeyRing.from_file(path)
    write_keys(path, [])
    assert not ring.empty
    for given in (None, text):
        with pytest.raises(AuthenticationError):
            ring.caller(given)
    path.unlink()
    assert not ring.empty
    with pytest.raises(AuthenticationError):
        ring.caller(text)


def test_file_that_cannot_be_read_changes_nothing(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    path = tmp_path / "keys.json"
    text, entry = new_key("ada")
    write_keys(path, [entry])
    ring = KeyRing.from_file(path)
    path.write_text("[{")
    assert ring.caller(text).name == "ada"
    assert str(path) in caplog.text


def test_server_does_not_start_open_by_mistake(tmp_path: Path) -> None:
    with pytest.raises(InvalidSettingError, match="no API keys"):
        KeyRing.from_file(tmp_path / "keys.json")
