"""Records name the Isabelle that runs; a setting that names another is an error."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from prover.assembly.isabelle import isabelle_environment
from prover.core.theorem import Theorem
from prover.environments.isabelle.versions import PISA, Version, version_of
from prover.errors import EnvironmentUnavailableError
from prover.proving.verify import verify
from prover.settings import IsabelleSettings
from tests.conftest import HUNG_S
from tests.environments.isabelle.relays import Relay, free_ports, our_server, recorded_tool, relaying

RUNS = "Isabelle2025"  # what the recorded tool says
REV = Theorem.from_text('lemma t: "rev (rev xs) = xs"')


@pytest.fixture(scope="module")
def tool(recordings: Path, tmp_path_factory: pytest.TempPathFactory) -> str:
    return recorded_tool(tmp_path_factory.mktemp("tool"), str(recordings))


@pytest.fixture(scope="module")
def server(tool: str) -> Iterator[Relay]:
    with relaying(free_ports(6), *our_server(tool)) as relay:
        yield relay


def of_server(server: Relay, version: str | None) -> IsabelleSettings:
    return IsabelleSettings(addresses=server.address, imports="Main", verifier="pisa", version=version)


async def test_version_is_the_servers_where_none_is_set(server: Relay) -> None:
    environment = isabelle_environment(of_server(server, None))
    assert environment.identity == "isabelle@unknown+Main"  # nobody was asked
    verdict = await verify(REV, ["by simp"], environment, timeout_s=HUNG_S)
    assert verdict.accepted, verdict.reason
    assert verdict.environment == f"isabelle@{RUNS}+Main" == environment.identity
    await environment.close()


@pytest.mark.parametrize("setting", ["Isabelle2023", "2023", "Isabelle2025-1"])
async def test_setting_that_names_another_than_the_servers_is_an_error(server: Relay, setting: str) -> None:
    environment = isabelle_environment(of_server(server, setting))
    with pytest.raises(EnvironmentUnavailableError, match=rf"VERSION says {setting}, but .* is {RUNS}:.*unset"):
        await verify(REV, ["by simp"], environment, timeout_s=HUNG_S)
    with pytest.raises(EnvironmentUnavailableError, match=RUNS):
        async with environment.open(REV):
            pass
    await environment.close()


async def test_version_may_be_written_with_or_without_the_programs_name(server: Relay) -> None:
    environment = isabelle_environment(of_server(server, "2025"))
    verdict = await verify(REV, ["by simp"], environment, timeout_s=HUNG_S)
    assert (verdict.accepted, verdict.environment) == (True, "isabelle@2025+Main")
    await environment.close()


async def test_scala_pisa_tells_none_so_that_the_setting_counts(relay: Relay) -> None:
    for setting in (None, "2021-1"):
        environment = isabelle_environment(of_server(relay, setting))
        verdict = await verify(REV, ["by simp"], environment, timeout_s=HUNG_S)
        assert (verdict.accepted, verdict.environment) == (True, f"isabelle@{setting or PISA}+Main")
        await environment.close()


def test_version_is_that_of_the_program_that_builds(tool: str) -> None:
    settings = IsabelleSettings(imports="Main", verifier="build", tool=tool)
    assert isabelle_environment(settings).identity == f"isabelle@{RUNS}+Main"
    with pytest.raises(EnvironmentUnavailableError, match=rf"VERSION says Isabelle2024, but the program .* is {RUNS}"):
        isabelle_environment(settings.model_copy(update={"version": "Isabelle2024"}))


def test_program_and_server_of_two_versions_are_an_error() -> None:
    version = Version()
    version.agree("Isabelle2024", "the program isabelle")
    with pytest.raises(EnvironmentUnavailableError, match="VERIFIER=pisa"):
        version.agree("Isabelle2025", "the Isabelle at localhost:8000")
    assert version.name == "Isabelle2024"


def test_program_that_tells_no_version_is_asked_for_nothing_more(tmp_path: Path) -> None:
    program = tmp_path / "isabelle"
    program.write_text("#!/bin/sh\nexit 1\n")
    program.chmod(0o755)
    assert version_of(str(program)) is None
    assert version_of(str(tmp_path / "none")) is None
