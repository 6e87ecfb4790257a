"""Settings: the only reader of the process environment. Every name starts with `PROVER_`."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Literal

import platformdirs
from pydantic import BaseModel, ConfigDict, Field, SecretStr
from pydantic.fields import FieldInfo
from pydantic_settings import BaseSettings, SettingsConfigDict

from prover.core.budget import WEEK_S

PREFIX = "PROVER_"
ELSEWHERE = {"PROVER_SHARED_DATA"}
"""Read by tests and benchmarks only."""


class ModelSettings(BaseModel):
    """The language model and how it is asked: `PROVER_MODEL__URL` and so on."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    url: str | None = Field(
        default=None,
        description="address of an OpenAI-compatible server, several with commas; or transformers:NAME; "
        "`small:FOLDER`: no model, the closers in the learned order of that folder, `small` in the shipped one; "
        "`none`: no model and no learned order; if unset, `small`",
    )
    name: str | None = Field(default=None, description="which of the server's models; otherwise its first")
    api_key: SecretStr | None = Field(default=None, description="sent as a bearer token")
    prompt: str = Field(default="auto", description="prompt format; auto chooses by the model's name")
    prompt_file: Path | None = Field(default=None, description="examples of your own for the few-shot format")
    samples: int = Field(default=32, ge=1, le=1024, description="continuations drawn for a state at once")
    temperature: float | None = Field(default=None, ge=0, description="of sampling; otherwise the format's own")
    beam: bool = Field(default=False, description="token-level beam search instead of sampling")
    max_tokens: int | None = Field(default=None, ge=1, description="longest answer; otherwise the format's own")
    turns: str | None = Field(
        default=None,
        description="how a mixture takes turns at a state, policy and most candidates; otherwise "
        "closers:16,model:32,closers:48,model:32,closers:10000",
    )
    timeout_s: float = Field(default=120.0, gt=0, le=WEEK_S, description="wall time of one request")
    concurrency: int = Field(default=64, ge=1, description="requests under way at once")
    forbidden: bool = Field(default=False, description="raise instead of calling any model: for tests")


class LeanSettings(BaseModel):
    """A Lean project of your own: `PROVER_LEAN__PROJECT` and so on."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    project: Path | None = Field(default=None, description="its folder; --project on the command line")
    repl: str | None = Field(default=None, description="the REPL program; otherwise what `prover setup` built")
    lake: str = Field(default="lake", description="the program lake")
    sessions: int = Field(default=4, ge=1, description="processes that search at once, in each environment")
    spares: int = Field(default=1, ge=0, description="processes kept warm beside them, for each set of imports")
    commands: int = Field(default=2000, ge=1, description="a process that answered so many is replaced")
    growth_mb: float = Field(
        default=4096.0, gt=0, description="a process that grew by so much is replaced; by twice as much, at once"
    )
    start_timeout_s: float = Field(default=300.0, gt=0, le=WEEK_S, description="wall time to load the imports")
    tiers: Literal["A", "B", "C"] = Field(
        default="C", description="highest tier of verification that is tried, if its tools are installed"
    )
    leanchecker: str | None = Field(
        default=None, description="replays compiled files; otherwise leanchecker or lean4checker"
    )
    comparator: str = Field(default="comparator", description="compares and checks with a second kernel")


class LeanDojoSettings(BaseModel):
    """A repository traced by LeanDojo: `PROVER_LEANDOJO__REPO` and so on. The defaults are the paper's miniF2F."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    repo: str = Field(default="https://github.com/rah4927/lean-dojo-mew", description="address of the repository")
    commit: str = Field(default="d00c776260c77de7e70125ef0cd119de6c0ff1de", description="its commit, in full")
    start_timeout_s: float = Field(
        default=600.0, gt=0, le=WEEK_S, description="wall time to open a theorem; tracing a repository takes hours"
    )


class IsabelleSettings(BaseModel):
    """Isabelle behind PISA servers (servers/isabelle): `PROVER_ISABELLE__ADDRESSES` and so on."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    addresses: str = Field(default="localhost:8000", description="PISA servers or relays, several with commas")
    places: int = Field(
        default=1, ge=1, description="processes at once behind each address; more than 1 only with the relay"
    )
    home: str = Field(default="/opt/Isabelle2022", description="Isabelle's folder, as the server sees it")
    working_directory: str = Field(
        default="/opt/Isabelle2022/src/HOL/Prover", description="PISA guesses the session from this folder"
    )
    theory: str = Field(
        default="/opt/Isabelle2022/src/HOL/Prover/Interactive.thy",
        description="theory file on the server whose imports all theorems have",
    )
    imports: str = Field(
        default="Complex_Main,HOL-Library.Code_Target_Numeral,HOL-Library.Sum_of_Squares,"
        "HOL-Computational_Algebra.Computational_Algebra,HOL-Number_Theory.Number_Theory",
        description="the imports of that theory, with commas",
    )
    version: str = Field(default="2022", description="of Isabelle: part of records and cache keys")
    provers: bool = Field(default=True, description="the server has external provers, so the hammer is tried")
    boot_timeout_s: float = Field(default=300.0, gt=0, le=WEEK_S, description="wall time for Isabelle to start")
    verifier: Literal["auto", "build", "server", "pisa"] = Field(
        default="auto",
        description="what verifies: isabelle build, an official Isabelle server, or a fresh PISA process; "
        "auto takes the first that there is",
    )
    tool: str = Field(default="isabelle", description="the program of a local Isabelle")
    session: str = Field(default="HOL", description="session that a local Isabelle or an official server builds on")
    server: str | None = Field(default=None, description="official Isabelle server, host:port")
    server_password: SecretStr | None = Field(default=None, description="as `isabelle server` prints it")
    server_folder: str | None = Field(default=None, description="folder that we and that server share")


class RedisSettings(BaseModel):
    """Where jobs and cache are kept: `PROVER_REDIS__URL` and so on."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    url: SecretStr | None = Field(
        default=None, description="redis://, rediss:// or unix:// address; without one `prover serve` starts its own"
    )
    cache_url: SecretStr | None = Field(default=None, description="another Redis for the cache alone")
    namespace: str = Field(default="prover", pattern=r"^[\w.-]+$", description="first part of every key")
    cache_ttl_s: float = Field(default=604_800.0, gt=0, description="how long cache entries are kept")
    cache_entry_bytes: int = Field(default=262_144, ge=0, description="larger cache entries are not kept; 0: no cache")
    signing_key: SecretStr | None = Field(
        default=None,
        description="signs cached proofs; the same for all machines; otherwise one is made in the data directory",
    )
    reverified: float = Field(
        default=0.02, ge=0, le=1, description="share of the proofs from the cache that is verified again"
    )
    memory_mb: int = Field(
        default=1024, ge=16, description="most that the Redis which `prover serve` starts takes; the cache gives way"
    )


class ServeSettings(BaseModel):
    """The HTTP service: `PROVER_SERVE__PORT` and so on."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    host: str = Field(default="127.0.0.1", description="address to listen at")
    port: int = Field(default=8080, ge=0, le=65535, description="port to listen at; 0: any free one")
    workers: int = Field(default=1, ge=0, description="worker processes that `prover serve` starts beside the API")
    data_dir: Path = Field(
        default_factory=lambda: Path(platformdirs.user_data_dir("prover")) / "service",
        description="folder of the service's own Redis and keys",
    )
    keys_file: Path | None = Field(default=None, description="API keys (`prover key`); without one nobody is asked")
    cors_origins: tuple[str, ...] = Field(default=(), description="pages of these origins may call (JSON list)")
    max_body_bytes: int = Field(default=2_000_000, ge=1000, description="largest body of a request")
    max_batch_bytes: int = Field(default=100_000_000, ge=1000, description="largest body of a batch in JSON Lines")
    max_batch: int = Field(default=10_000, ge=1, description="most theorems of a batch")
    max_wait_s: float = Field(default=60.0, ge=0, description="longest wait_s")
    max_queued: int = Field(default=50_000, ge=1, description="most jobs that wait; then 429")
    max_timeout_s: float = Field(default=3600.0, gt=0, le=WEEK_S, description="largest budget.timeout_s of a job")
    max_effort: float = Field(default=3600.0, gt=0, le=WEEK_S, description="largest budget.effort of a job")
    max_expansions: int = Field(default=100_000, ge=1, description="largest budget.expansions of a job")
    max_candidates: int = Field(default=1024, ge=1, description="largest budget.candidates of a job")
    max_streams: int = Field(default=1000, ge=1, description="most event streams open at once")
    verifications: int = Field(default=2, ge=1, description="texts that the API verifies at once; others wait")
    retention_s: float = Field(default=604_800.0, gt=0, description="how long finished jobs are kept")
    events_retention_s: float = Field(default=86_400.0, gt=0, description="how long events of finished jobs are kept")
    drain_s: float = Field(default=10.0, ge=0, description="after SIGTERM: time for requests under way")


class WorkerSettings(BaseModel):
    """The search workers: `PROVER_WORKER__CONCURRENCY` and so on."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    concurrency: int = Field(default=1, ge=1, le=256, description="theorems that a worker process proves at once")
    lease_s: float = Field(default=20.0, ge=1, description="a worker silent for so long is taken for dead")
    attempts: int = Field(default=3, ge=1, description="times a job is begun before it counts as failed")
    retry_s: float = Field(default=5.0, ge=0, description="wait after a machine fault, doubled each time, up to 60")
    drain_s: float = Field(
        default=30.0, ge=0, description="after SIGTERM: time for jobs under way, then others get them"
    )
    nice: int = Field(default=15, ge=0, le=19, description="how far Lean stands back for the API on a busy machine")


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

    model_config = SettingsConfigDict(
        env_prefix=PREFIX, env_nested_delimiter="__", env_ignore_empty=True, extra="forbid", frozen=True
    )

    cache_dir: Path = Field(
        default_factory=lambda: Path(platformdirs.user_cache_dir("prover")),
        description="folder of downloaded and built things (the embedded Lean, about 0.7 GB)",
    )
    environment: Literal["lean", "lean-project", "leandojo", "isabelle"] = Field(
        default="lean",
        description="the proof assistant of commands and of the service; --environment on the command line",
    )
    lean_heartbeats: int = Field(
        default=200_000, ge=1, description="Lean's limit for a tactic that has no other, in thousands of heartbeats"
    )
    model: ModelSettings = ModelSettings()
    lean: LeanSettings = LeanSettings()
    leandojo: LeanDojoSettings = LeanDojoSettings()
    isabelle: IsabelleSettings = IsabelleSettings()
    encoder: EncoderSettings = EncoderSettings()
    remote: RemoteSettings = RemoteSettings()
    verify_timeout_s: float = Field(default=300.0, gt=0, le=WEEK_S, description="wall time of one verification")
    redis: RedisSettings = RedisSettings()
    serve: ServeSettings = ServeSettings()
    worker: WorkerSettings = WorkerSettings()
    log_format: Literal["text", "json"] = Field(default="text", description="of the service's log: text or json lines")
    log_level: Literal["DEBUG", "INFO", "WARNING", "ERROR"] = Field(
        default="INFO", description="of the service's log; statements are in it at DEBUG only"
    )


def setting_names() -> dict[str, FieldInfo]:
    """Return every setting by its name in the process environment, without the prefix and in lower case."""
    found: dict[str, FieldInfo] = {}
    for name, field in Settings.model_fields.items():
        inner = field.annotation
        if isinstance(inner, type) and issubclass(inner, BaseModel):
            found |= {f"{name}__{part}": inner_field for part, inner_field in inner.model_fields.items()}
        else:
            found[name] = field
    return found


def unclaimed_names() -> list[str]:
    """Return the `PROVER_*` names in the process environment that no setting has (misspelt, most likely)."""
    known = {PREFIX + name.upper() for name in setting_names()} | ELSEWHERE
    return sorted(name for name in os.environ if name.startswith(PREFIX) and name.upper() not in known)
