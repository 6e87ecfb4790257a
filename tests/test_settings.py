from __future__ import annotations

from pathlib import Path

import pytest
from pydantic import ValidationError

from prover.settings import PREFIX, EncoderSettings, ModelSettings, RemoteSettings, Settings, unclaimed_names
from tests.conftest import ROOT


def test_settings_come_from_the_process_environment(clean_environment: pytest.MonkeyPatch) -> None:
    clean_environment.setenv("PROVER_CACHE_DIR", "/somewhere")
    assert Settings().cache_dir == Path("/somewhere")


def test_bad_value_is_refused(clean_environment: pytest.MonkeyPatch) -> None:
    clean_environment.setenv("PROVER_LEAN_HEARTBEATS", "many")
    with pytest.raises(ValidationError):
        Settings()


def test_misspelt_names_are_noticed(clean_environment: pytest.MonkeyPatch) -> None:
    clean_environment.setenv("PROVER_CASHE_DIR", "x")
    clean_environment.setenv("PROVER_CACHE_DIR", "y")
    assert unclaimed_names() == ["PROVER_CASHE_DIR"]


def test_settings_of_the_model_are_known(clean_environment: pytest.MonkeyPatch) -> None:
    clean_environment.setenv("PROVER_MODEL__URL", "http://localhost:8000")
    clean_environment.setenv("PROVER_MODEL__SAMPLES", "4")
    clean_environment.setenv("PROVER_MODEL__ULR", "x")
    assert unclaimed_names() == ["PROVER_MODEL__ULR"]


def test_every_setting_is_documented() -> None:
    page = (ROOT / "docs" / "configuration.md").read_text()
    fields = {
        name: field for name, field in Settings.model_fields.items() if name not in {"encoder", "model", "remote"}
    }
    fields |= {f"model__{name}": field for name, field in ModelSettings.model_fields.items()}
    fields |= {f"encoder__{name}": field for name, field in EncoderSettings.model_fields.items()}
    fields |= {f"remote__{name}": field for name, field in RemoteSettings.model_fields.items()}
    for name, field in fields.items():
        assert f"`{PREFIX}{name.upper()}`" in page
        assert field.description
        assert field.description in page
