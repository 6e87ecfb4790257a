"""The messages of Kimina Lean Server's protocol, in its present and its older form."""

from __future__ import annotations

from typing import Literal, Self

from pydantic import BaseModel, ConfigDict, Field, model_validator
from pydantic.config import JsonDict

MAX_SNIPPETS = 10_000
MAX_TIMEOUT_S = 600
_EXAMPLE: JsonDict = {
    "snippets": [{"id": "a", "code": "theorem t (a b : Nat) : a + b = b + a := by omega"}],
    "timeout": 30,
}


class Snippet(BaseModel):
    """A Lean text, and a name for it."""

    id: str
    code: str


class CheckRequest(BaseModel):
    """Snippets with unique names. `timeout` (seconds) applies to each; `debug` and `reuse` have no effect."""

    model_config = ConfigDict(json_schema_extra={"examples": [_EXAMPLE]})

    snippets: list[Snippet] = Field(min_length=1, max_length=MAX_SNIPPETS)
    timeout: int = Field(
        default=30, ge=0, le=2**31, description=f"values above {MAX_TIMEOUT_S} are treated as {MAX_TIMEOUT_S}"
    )
    debug: bool = False
    reuse: bool = True
    infotree: str | None = None

    @model_validator(mode="after")
    def _names_differ(self) -> Self:
        if len({snippet.id for snippet in self.snippets}) < len(self.snippets):
            raise ValueError("`snippets` must have unique ids")
        return self


class Code(BaseModel):
    """A snippet of the older protocol, in `proof` or in `code`."""

    custom_id: str | int
    proof: str | None = None
    code: str | None = None

    @model_validator(mode="after")
    def _has_text(self) -> Self:
        if self.proof is None and self.code is None:
            raise ValueError("give `proof` or `code`")
        return self


class VerifyRequest(BaseModel):
    """The older form of a batch."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"codes": [{"custom_id": 1, "proof": "#eval 1"}]}]})

    codes: list[Code] = Field(min_length=1, max_length=MAX_SNIPPETS)
    timeout: int = Field(default=300, ge=0, le=2**31)
    infotree_type: str | None = None
    disable_cache: bool = False


class Position(BaseModel):
    """Lines count from 1, columns (in characters) from 0."""

    line: int
    column: int


class LeanMessage(BaseModel):
    """A message of Lean, in the form of its REPL."""

    severity: Literal["trace", "info", "warning", "error"]
    pos: Position
    data: str


class Sorry(BaseModel):
    """A `sorry` and its goal."""

    pos: Position
    endPos: Position  # noqa: N815  # the protocol's name
    goal: str


class CommandResponse(BaseModel):
    """The REPL's answer to a command."""

    env: int = 0
    messages: list[LeanMessage] | None = None
    sorries: list[Sorry] | None = None
    time: float | None = None


class SnippetResult(BaseModel):
    """Either `response` or `error`."""

    id: str
    time: float
    error: str | None = None
    response: CommandResponse | None = None


class CheckResponse(BaseModel):
    """One result per snippet, in their order."""

    results: list[SnippetResult]


class CodeResult(BaseModel):
    """One result of the older protocol."""

    custom_id: str
    error: str | None = None
    response: CommandResponse | None = None


class VerifyResponse(BaseModel):
    """One result per snippet, in their order."""

    results: list[CodeResult]


class KiminaError(BaseModel):
    """What is wrong with the request as a whole."""

    detail: str
