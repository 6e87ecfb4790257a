from __future__ import annotations

from pathlib import Path

import pytest
from pydantic import ValidationError

from prover.settings import PREFIX, Settings, setting_names, unclaimed_names, warn_of_unclaimed_names
from tests.conftest import ROOT


def test_settings_come_from_the_process_environment(clean_environment: pytest.MonkeyPatch) -> None:
    clean_environment.setenv("PROVER_CACHE_DIR", "/somewhere")
    assert Settings().cache_dir == Path("/somewhere")


def test_empty_value_is_none_at_all(clean_environment: pytest.MonkeyPatch) -> None:
    clean_environment.setenv("PROVER_MODEL__URL", "")
    clean_environment.setenv("PROVER_SERVE__PORT", "")
    assert (Settings().model.url, Settings().serve.port) == (None, 8080)


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
    page = (ROOT / "docs" / "reference" / "settings.md").read_text()
    for name, field in setting_names().items():
        assert f"`{PREFIX}{name.upper()}`" in page
        assert field.description
        assert field.description in page


def test_services_warn_of_misspelt_names(
    clean_environment: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    clean_environment.setenv("PROVER_MODEL__ULR", "x")
    warn_of_unclaimed_names()
    assert "PROVER_MODEL__ULR is no setting; is PROVER_MODEL__URL meant?" in caplog.text
