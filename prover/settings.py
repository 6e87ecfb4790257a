"""Settings: the only reader of the process environment. Every name starts with `PROVER_`."""

from __future__ import annotations

import difflib
import logging
import os
from pathlib import Path
from typing import Literal

import platformdirs
from pydantic import BaseModel, ConfigDict, Field, SecretStr
from pydantic.fields import FieldInfo
from pydantic_settings import BaseSettings, SettingsConfigDict

from prover.core.budget import WEEK_S

logger = logging.getLogger(__name__)

PREFIX = "PROVER_"
ELSEWHERE = {"PROVER_SHARED_DATA"}
"""Read by tests and benchmarks only."""


class ModelSettings(BaseModel):
    """The language model and how to sample from it: `PROVER_MODEL__URL` and so on."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    url: str | None = Field(
        default=None,
        description="OpenAI-compatible server, or a comma-separated list of them; transformers:NAME; "
        "`small:FOLDER`: no model, the closers in the learned order of that folder, `small` in the shipped one; "
        "`none`: no model and no learned order; unset: `small`",
    )
    name: str | None = Field(
        default=None, description="name of the model on the server; unset: the first that it lists"
    )
    api_key: SecretStr | None = Field(default=None, description="API key, sent as a bearer token")
    prompt: str = Field(default="auto", description="prompt format; auto: chosen by the model's name")
    prompt_file: Path | None = Field(
        default=None, description="file with the words of the prompt, or the examples of a few-shot format"
    )
    samples: int | None = Field(
        default=None, ge=1, le=1024, description="completions sampled for each state; unset: as its authors do"
    )
    rounds: int | None = Field(
        default=None, ge=1, le=64, description="how often the model is asked about a state; unset: as its authors do"
    )
    temperature: float | None = Field(
        default=None, ge=0, description="sampling temperature; unset: the prompt format's default"
    )
    beam: bool = Field(default=False, description="use token-level beam search instead of sampling")
    max_tokens: int | None = Field(
        default=None, ge=1, description="maximum number of tokens of a completion; unset: the prompt format's default"
    )
    turns: str | None = Field(
        default=None,
        description="order in which a mixture asks its policies at a state, each with its maximum number of "
        "candidates; unset: closers:16,model:32,closers:48,model:32,closers:10000",
    )
    timeout_s: float | None = Field(
        default=None,
        gt=0,
        le=WEEK_S,
        description="timeout of one request in seconds; unset: 120, and 1 for every 20 tokens of its longest answer",
    )
    concurrency: int = Field(default=64, ge=1, description="maximum number of concurrent requests")
    log: Path | None = Field(
        default=None, description="file to which each prompt and what came back are appended, a line of JSON each"
    )
    forbidden: bool = Field(default=False, description="raise an error instead of calling any model, for tests")


class LeanSettings(BaseModel):
    """Your own Lean project: `PROVER_LEAN__PROJECT` and so on."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    project: Path | None = Field(default=None, description="folder of the project; --project on the command line")
    repl: str | None = Field(default=None, description="path of the REPL; unset: the one that `prover setup` built")
    lake: str = Field(default="lake", description="command or path of lake")
    sessions: int = Field(default=4, ge=1, description="REPL processes that search concurrently, per environment")
    spares: int = Field(default=1, ge=0, description="warm spare processes, per set of imports")
    commands: int = Field(default=2000, ge=1, description="commands after which a process is replaced")
    growth_mb: float = Field(
        default=4096.0,
        gt=0,
        description="memory growth in MB after which a process is replaced between two tactics; "
        "after twice that, at once; unset: less where the machine or container has less for all sessions",
    )
    start_timeout_s: float = Field(
        default=300.0, gt=0, le=WEEK_S, description="timeout for loading the imports in seconds"
    )
    tiers: Literal["A", "B", "C"] = Field(
        default="C", description="highest verification tier to try (its tools must be installed)"
    )
    leanchecker: str | None = Field(
        default=None, description="program that replays compiled files; unset: leanchecker or lean4checker"
    )
    comparator: str = Field(
        default="comparator", description="program that compares statements and checks with a second kernel"
    )


class LeanDojoSettings(BaseModel):
    """A repository traced by LeanDojo: `PROVER_LEANDOJO__REPO` and so on. The defaults are the paper's miniF2F."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    repo: str = Field(default="https://github.com/rah4927/lean-dojo-mew", description="URL of the repository")
    commit: str = Field(default="d00c776260c77de7e70125ef0cd119de6c0ff1de", description="full commit hash")
    start_timeout_s: float = Field(
        default=600.0,
        gt=0,
        le=WEEK_S,
        description="timeout for opening a theorem in seconds; tracing a repository takes hours",
    )


class IsabelleSettings(BaseModel):
    """Isabelle behind PISA servers (servers/isabelle): `PROVER_ISABELLE__ADDRESSES` and so on."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    addresses: str = Field(default="localhost:8000", description="PISA servers or relays, comma-separated")
    places: int = Field(default=1, ge=1, description="concurrent processes per address; more than 1 requires the relay")
    home: str = Field(default="/opt/Isabelle2022", description="folder of Isabelle on the server")
    working_directory: str = Field(
        default="/opt/Isabelle2022/src/HOL/Prover", description="folder from which PISA infers the session"
    )
    theory: str = Field(
        default="/opt/Isabelle2022/src/HOL/Prover/Interactive.thy",
        description="theory file on the server whose imports all theorems use",
    )
    imports: str = Field(
        default="Complex_Main,HOL-Library.Code_Target_Numeral,HOL-Library.Sum_of_Squares,"
        "HOL-Computational_Algebra.Computational_Algebra,HOL-Number_Theory.Number_Theory",
        description="imports of that theory, comma-separated",
    )
    version: str | None = Field(
        default=None,
        description="version of Isabelle, part of records and cache keys; what runs may not be another; unset: as "
        "`isabelle` or the server says, 2022 if that is the Scala PISA",
    )
    provers: bool = Field(default=True, description="the server has external provers: try Sledgehammer")
    boot_timeout_s: float = Field(
        default=300.0, gt=0, le=WEEK_S, description="timeout for the start of Isabelle in seconds"
    )
    verifier: Literal["auto", "build", "server", "pisa"] = Field(
        default="auto",
        description="verifier: `isabelle build`, an official Isabelle server, or a fresh PISA process; "
        "auto: the first of these that is available",
    )
    tool: str = Field(default="isabelle", description="command or path of a local Isabelle")
    session: str = Field(default="HOL", description="parent session of a local Isabelle or an official server")
    server: str | None = Field(default=None, description="official Isabelle server, as host:port")
    server_password: SecretStr | None = Field(default=None, description="password that `isabelle server` prints")
    server_folder: str | None = Field(default=None, description="folder shared with that server")


class RedisSettings(BaseModel):
    """Redis, for jobs and cache: `PROVER_REDIS__URL` and so on."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    url: SecretStr | None = Field(
        default=None, description="redis://, rediss:// or unix:// URL; unset: `prover serve` starts its own Redis"
    )
    cache_url: SecretStr | None = Field(default=None, description="separate Redis for the cache")
    namespace: str = Field(default="prover", pattern=r"^[\w.-]+$", description="prefix of every key")
    cache_ttl_s: float = Field(default=604_800.0, gt=0, description="lifetime of cache entries in seconds")
    cache_entry_bytes: int = Field(
        default=262_144, ge=0, description="maximum size of a cache entry; larger ones are not stored; 0: no cache"
    )
    signing_key: SecretStr | None = Field(
        default=None,
        description="key that signs cached proofs, the same on all machines; unset: generated in the data directory",
    )
    reverified: float = Field(default=0.02, ge=0, le=1, description="fraction of cached proofs that are verified again")
    memory_mb: int = Field(
        default=1024,
        ge=16,
        description="memory limit in MB of the Redis that `prover serve` starts; cache entries are evicted first",
    )


class ServeSettings(BaseModel):
    """The HTTP service: `PROVER_SERVE__PORT` and so on."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    host: str = Field(default="127.0.0.1", description="address to listen on")
    port: int = Field(default=8080, ge=0, le=65535, description="port to listen on; 0: any free port")
    workers: int = Field(default=1, ge=0, description="worker processes that `prover serve` starts")
    data_dir: Path = Field(
        default_factory=lambda: Path(platformdirs.user_data_dir("prover")) / "service",
        description="folder of the service's own Redis and signing key",
    )
    keys_file: Path | None = Field(
        default=None, description="file with API keys (see `prover key`); if unset, authentication is off"
    )
    cors_origins: tuple[str, ...] = Field(default=(), description="origins allowed by CORS (JSON list)")
    max_body_bytes: int = Field(default=2_000_000, ge=1000, description="maximum size of a request body")
    max_batch_bytes: int = Field(default=100_000_000, ge=1000, description="maximum size of a batch in JSON Lines")
    max_batch: int = Field(default=10_000, ge=1, description="maximum number of theorems in a batch")
    max_wait_s: float = Field(default=60.0, ge=0, description="maximum wait_s")
    max_queued: int = Field(
        default=50_000, ge=1, description="maximum number of queued jobs; beyond it, requests get 429"
    )
    max_timeout_s: float = Field(default=3600.0, gt=0, le=WEEK_S, description="maximum budget.timeout_s of a job")
    max_effort: float = Field(default=3600.0, gt=0, le=WEEK_S, description="maximum budget.effort of a job")
    max_expansions: int = Field(default=100_000, ge=1, description="maximum budget.expansions of a job")
    max_candidates: int = Field(default=1024, ge=1, description="maximum budget.candidates of a job")
    max_streams: int = Field(default=1000, ge=1, description="maximum number of open event streams")
    verifications: int = Field(default=2, ge=1, description="texts that the API verifies concurrently; others wait")
    retention_s: float = Field(default=604_800.0, gt=0, description="retention of finished jobs in seconds")
    events_retention_s: float = Field(
        default=86_400.0, gt=0, description="retention of the events of finished jobs in seconds"
    )
    drain_s: float = Field(
        default=10.0, ge=0, description="grace period after SIGTERM for requests in progress, in seconds"
    )


class WorkerSettings(BaseModel):
    """The search workers: `PROVER_WORKER__CONCURRENCY` and so on."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    concurrency: int | None = Field(
        default=None,
        ge=1,
        le=256,
        description="theorems that a worker process proves concurrently; unset: 1, with the embedded Lean in a "
        "container as many as its memory (3.5 GB each) and cores suffice for",
    )
    lease_s: float = Field(
        default=20.0, ge=1, description="seconds without a sign of life after which a worker is considered dead"
    )
    attempts: int = Field(default=3, ge=1, description="attempts at a job before it fails")
    retry_s: float = Field(
        default=5.0,
        ge=0,
        description="delay before a retry after a machine fault in seconds, doubled each time, up to 60",
    )
    drain_s: float = Field(
        default=30.0,
        ge=0,
        description="grace period after SIGTERM for running jobs, in seconds; then they return to the queue",
    )
    alive_file: Path | None = Field(
        default=None, description="file that a worker touches whenever it has reported to Redis; for health checks"
    )
    nice: int = Field(default=15, ge=0, le=19, description="Unix niceness of the Lean process")
    warm: bool = Field(default=True, description="start the embedded Lean with the worker, not with its first job")


class RemoteSettings(BaseModel):
    """A running service behind `prover mcp`: `PROVER_REMOTE__URL` and so on."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    url: str | None = Field(default=None, description="URL of a running `prover serve`; unset: prove in this process")
    api_key: SecretStr | None = Field(default=None, description="API key, sent as a bearer token")


class EncoderSettings(BaseModel):
    """The encoder behind LeanCopilot's `/encode`: `PROVER_ENCODER__URL` and so on."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    url: str | None = Field(
        default=None, description="OpenAI-compatible server with embeddings; unset: vectors of word counts"
    )
    name: str = Field(default="default", description="name of the encoder on the server")
    api_key: SecretStr | None = Field(default=None, description="API key, sent as a bearer token")


class Settings(BaseSettings):
    """All settings."""

    model_config = SettingsConfigDict(
        env_prefix=PREFIX, env_nested_delimiter="__", env_ignore_empty=True, extra="forbid", frozen=True
    )

    cache_dir: Path = Field(
        default_factory=lambda: Path(platformdirs.user_cache_dir("prover")),
        description="folder for downloads and builds (the embedded Lean takes about 0.7 GB)",
    )
    environment: Literal["lean", "lean-project", "leandojo", "isabelle"] = Field(
        default="lean",
        description="proof assistant of commands and the service; --environment on the command line",
    )
    lean_heartbeats: int = Field(
        default=200_000, ge=1, description="default limit of a tactic in Lean, in thousands of heartbeats"
    )
    model: ModelSettings = ModelSettings()
    lean: LeanSettings = LeanSettings()
    leandojo: LeanDojoSettings = LeanDojoSettings()
    isabelle: IsabelleSettings = IsabelleSettings()
    encoder: EncoderSettings = EncoderSettings()
    remote: RemoteSettings = RemoteSettings()
    verify_timeout_s: float = Field(
        default=300.0, gt=0, le=WEEK_S, description="timeout of one verification in seconds"
    )
    redis: RedisSettings = RedisSettings()
    serve: ServeSettings = ServeSettings()
    worker: WorkerSettings = WorkerSettings()
    log_format: Literal["text", "json"] = Field(
        default="text", description="format of the service's log: text or JSON lines"
    )
    log_level: Literal["DEBUG", "INFO", "WARNING", "ERROR"] = Field(
        default="INFO", description="level of the service's log; statements are logged at DEBUG only"
    )


def setting_names() -> dict[str, FieldInfo]:
    """Return every setting by its name in the process environment, in lower case without the prefix."""
    found: dict[str, FieldInfo] = {}
    for name, field in Settings.model_fields.items():
        inner = field.annotation
        if isinstance(inner, type) and issubclass(inner, BaseModel):
            found |= {f"{name}__{part}": inner_field for part, inner_field in inner.model_fields.items()}
        else:
            found[name] = field
    return found


def unclaimed_names() -> list[str]:
    """Return the `PROVER_*` names in the process environment that belong to no setting (most likely misspelt)."""
    known = {PREFIX + name.upper() for name in setting_names()} | ELSEWHERE
    return sorted(name for name in os.environ if name.startswith(PREFIX) and name.upper() not in known)


def warn_of_unclaimed_names() -> None:
    """Log each `PROVER_*` name in the process environment that belongs to no setting, with the nearest that does."""
    known = [PREFIX + name.upper() for name in setting_names()]
    for name in unclaimed_names():
        near = difflib.get_close_matches(name.upper(), known, n=1)
        logger.warning("%s is no setting%s", name, f"; is {near[0]} meant?" if near else "")
