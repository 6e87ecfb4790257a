"""API keys and their limits. A key is `prover_NAME_SECRET`; only the hash of the secret is stored."""

from __future__ import annotations

import hashlib
import hmac
import json
import logging
import re
import secrets
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Self

from fastapi import Depends, Request, Security
from fastapi.security import APIKeyHeader, HTTPBasic, HTTPBasicCredentials, HTTPBearer
from fastapi.security.http import HTTPAuthorizationCredentials
from pydantic import BaseModel, ConfigDict, Field, TypeAdapter, ValidationError

from prover.errors import AuthenticationError, InvalidSettingError
from prover.jobs.store import EVERYBODY, JobStore

logger = logging.getLogger(__name__)

NOBODY = "anonymous"
_KEY = re.compile(r"prover_([a-zA-Z0-9-]{1,50})_([0-9a-f]{64})")


class ApiKey(BaseModel):
    """One entry of the keys file. The secret has 256 random bits, so SHA-256 is as good as a slow hash."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    name: str = Field(pattern=r"^[a-zA-Z0-9-]{1,50}$")
    hash: str = Field(pattern=r"^[0-9a-f]{64}$")
    per_minute: int = Field(default=600, ge=1, description="rate limit, in requests per minute")
    unfinished: int = Field(default=20_000, ge=1, description="maximum number of unfinished jobs")
    admin: bool = Field(default=False, description="may see the jobs of all owners")


class Caller(BaseModel):
    """A caller: the owner of its jobs, whose jobs it sees, and its limits (0: none)."""

    name: str = NOBODY
    sees: str = EVERYBODY
    per_minute: int = 0
    unfinished: int = 0


def new_key(name: str) -> tuple[str, ApiKey]:
    """Return a new key (shown once) and its entry for the keys file."""
    secret = secrets.token_hex(32)
    return f"prover_{name}_{secret}", ApiKey(name=name, hash=hashlib.sha256(secret.encode()).hexdigest())


class KeyRing:
    """The valid keys. If there are none and no file of them, authentication is off."""

    def __init__(self, keys: Iterable[ApiKey] = ()) -> None:
        self._keys = {key.name: key for key in keys}
        self._file: Path | None = None
        self._seen: object = None

    @classmethod
    def from_file(cls, path: Path) -> Self:
        """Return the keys of a file, which is read again whenever it changes.

        Raises:
            InvalidSettingError: there are none in it, or they cannot be read.
        """
        ring = cls(read_keys(path))
        if not ring._keys:
            raise InvalidSettingError(f"no API keys in {path}: make one with `prover key NAME`")
        ring._file, ring._seen = path, _state_of(path)
        return ring

    @property
    def empty(self) -> bool:
        """Is authentication off?"""
        return self._file is None and not self._keys

    def caller(self, given: str | None) -> Caller:
        """Return the owner of a key. Raises AuthenticationError if it is not valid."""
        if self.empty:
            return Caller()
        self._read_again()
        found = _KEY.fullmatch(given or "")
        key = self._keys.get(found[1]) if found else None
        # An unknown name takes as long as a wrong secret, so that timing reveals nothing.
        digest = hashlib.sha256((found[2] if found else "").encode()).hexdigest()
        if not hmac.compare_digest(digest, key.hash if key else "0" * 64) or key is None:
            raise AuthenticationError(
                "this API key is not valid" if given else "send an API key: `Authorization: Bearer prover_...`"
            )
        sees = EVERYBODY if key.admin else key.name
        return Caller(name=key.name, sees=sees, per_minute=key.per_minute, unfinished=key.unfinished)

    def _read_again(self) -> None:
        """Read the file again if it has changed: a key that was removed is void from the next request on."""
        if self._file is None or (state := _state_of(self._file)) == self._seen:
            return
        self._seen = state
        try:
            self._keys = {key.name: key for key in read_keys(self._file)}
        except InvalidSettingError as error:  # half-written by hand: the keys from before hold
            logger.error("%s", error)


def _state_of(path: Path) -> object:
    """Return what is different after a change of the file."""
    try:
        found = path.stat()
    except OSError:
        return None
    return found.st_mtime_ns, found.st_size, found.st_ino


def read_keys(path: Path) -> list[ApiKey]:
    """Read a keys file. Raises InvalidSettingError with what is wrong in it."""
    try:
        return TypeAdapter(list[ApiKey]).validate_json(path.read_bytes()) if path.exists() else []
    except OSError as error:
        raise InvalidSettingError(f"the API keys in {path} cannot be read: {error.strerror}") from error
    except ValidationError as error:
        problem = error.errors()[0]
        place = ".".join(map(str, problem["loc"]))
        reason = f"{place + ': ' if place else ''}{problem['msg']}"
        raise InvalidSettingError(
            f"the API keys in {path} cannot be read: {reason}; remove it and make keys with `prover key NAME`"
        ) from error


def write_keys(path: Path, keys: Iterable[ApiKey]) -> None:
    """Write a keys file that only the current user can read."""
    path.parent.mkdir(parents=True, exist_ok=True)
    new = path.with_name(f"{path.name}.new")
    new.touch(mode=0o600)
    new.write_text(json.dumps([key.model_dump() for key in keys], indent=1) + "\n", encoding="utf-8")
    new.replace(path)


_bearer = HTTPBearer(auto_error=False, description="an API key, if authentication is on (`prover key`)")
_basic = HTTPBasic(auto_error=False, description="the API key as the password, with any user name: `http://x:KEY@host`")
_header = APIKeyHeader(name="X-API-Key", auto_error=False, description="the API key in its own header")


@dataclass(frozen=True, slots=True)
class Access:
    """Keys and rate limits; the application keeps this as `app.state.access`."""

    keys: KeyRing
    store: JobStore


async def current_caller(
    request: Request,
    bearer: Annotated[HTTPAuthorizationCredentials | None, Security(_bearer)] = None,
    basic: Annotated[HTTPBasicCredentials | None, Security(_basic)] = None,
    header: Annotated[str | None, Security(_header)] = None,
) -> Caller:
    """Return the caller, if within its rate limit. Raises AuthenticationError or TooBusyError."""
    access: Access = request.app.state.access
    caller = access.keys.caller(bearer.credentials if bearer else basic.password if basic else header)
    request.state.caller = caller.name
    if caller.per_minute:
        await access.store.allow(caller.name, per_minute=caller.per_minute)
    return caller


Calling = Annotated[Caller, Depends(current_caller)]
