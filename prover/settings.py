"""Settings: the only reader of the process environment. Every name starts with `PROVER_`."""

from __future__ import annotations

import os
from pathlib import Path

import platformdirs
from pydantic import BaseModel, ConfigDict, Field, SecretStr
from pydantic_settings import BaseSettings, SettingsConfigDict

from prover.budget import WEEK_S

PREFIX = "PROVER_"
ELSEWHERE = {"PROVER_SHARED_DATA"}
"""Read by tests and benchmarks only."""


class ModelSettings(BaseModel):
    """The language model and how it is asked: `PROVER_MODEL__URL` and so on."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    url: str | None = Field(
        default=None,
        description="address of an OpenAI-compatible server, several with commas; or transformers:NAME",
    )
    name: str | None = Field(default=None, description="which of the server's models; otherwise its first")
    api_key: SecretStr | None = Field(default=None, description="sent as a bearer token")
    prompt: str = Field(default="auto", description="prompt format; auto chooses by the model's name")
    prompt_file: Path | None = Field(default=None, description="examples of your own for the few-shot format")
    samples: int = Field(default=32, ge=1, le=1024, description="continuations drawn for a state at once")
    temperature: float | None = Field(default=None, ge=0, description="of sampling; otherwise the format's own")
    beam: bool = Field(default=False, description="token-level beam search instead of sampling")
    max_tokens: int | None = Field(default=None, ge=1, description="longest answer; otherwise the format's own")
    turns: str = Field(
        default="closers:16,model:32,closers:48,model:32,closers:10000",
        description="how a mixture takes turns at a state: policy and most candidates",
    )
    timeout_s: float = Field(default=120.0, gt=0, le=WEEK_S, description="wall time of one request")
    concurrency: int = Field(default=64, ge=1, description="requests under way at once")
    forbidden: bool = Field(default=False, description="raise instead of calling any model: for tests")


class RemoteSettings(BaseModel):
    """A running service that does the work for `prover mcp`: `PROVER_REMOTE__URL` and so on."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    url: str | None = Field(default=None, description="address of a running `prover serve`; without one, this process")
    api_key: SecretStr | None = Field(default=None, description="sent to it as a bearer token")


class EncoderSettings(BaseModel):
    """What answers LeanCopilot's `/encode`: `PROVER_ENCODER__URL` and so on."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    url: str | None = Field(
        default=None, description="OpenAI-compatible server with embeddings; without one, words are counted"
    )
    name: str = Field(default="default", description="the encoder's name there")
    api_key: SecretStr | None = Field(default=None, description="sent to the encoder as a bearer token")


class Settings(BaseSettings):
    """What an operator can set."""

    model_config = SettingsConfigDict(env_prefix=PREFIX, env_nested_delimiter="__", extra="forbid", frozen=True)

    cache_dir: Path = Field(
        default_factory=lambda: Path(platformdirs.user_cache_dir("prover")),
        description="folder of downloaded and built things (the embedded Lean, about 0.7 GB)",
    )
    lean_heartbeats: int = Field(
        default=200_000, ge=1, description="Lean's own limit for one tactic, in thousands of allocations"
    )
    model: ModelSettings = ModelSettings()
    encoder: EncoderSettings = EncoderSettings()
    remote: RemoteSettings = RemoteSettings()
    verify_timeout_s: float = Field(default=60.0, gt=0, le=WEEK_S, description="wall time of one verification")


def unclaimed_names() -> list[str]:
    """Return the `PROVER_*` names in the process environment that no setting has (misspelt, most likely)."""
    inner = {f"model__{name}" for name in ModelSettings.model_fields}
    inner |= {f"encoder__{name}" for name in EncoderSettings.model_fields}
    inner |= {f"remote__{name}" for name in RemoteSettings.model_fields}
    known = {PREFIX + name.upper() for name in (*Settings.model_fields, *inner)} | ELSEWHERE
    return sorted(name for name in os.environ if name.startswith(PREFIX) and name.upper() not in known)
