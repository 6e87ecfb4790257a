"""Every exception of the package.

A tactic that fails is a value; these are for input that cannot be used and machines that fail.

    ProverError
    ├── InvalidTheoremError           the statement cannot be used: syntax, unknown name, not a proposition, ...
    ├── ProofEnvironmentError         the proof assistant
    │   ├── EnvironmentUnavailableError   is not installed or does not start
    │   ├── SessionCrashedError           ended, and what it held could not be restored
    │   └── EnvironmentProtocolError      said something it should not
    ├── InstallationError             `prover setup` could not finish
    ├── MissingExtraError             a part of the package needs libraries that are not installed
    ├── InvalidSettingError           a setting, or a file that it names, cannot be used
    ├── SandboxUnavailableError       a program cannot be locked down here, so it was not run
    ├── ServiceError                  a running service refuses a request, or cannot be reached
    ├── InvalidProblemSetError        a file of problems cannot be read
    ├── InvalidCorpusError            training data cannot be read, or does not fit together
    ├── InvalidRecipeError            a training recipe cannot be read, or its parts do not fit together
    ├── TrainingError                 training cannot start or go on
    ├── RunConflictError              the folder of a run belongs to another
    ├── ResultNotWrittenError         the disk does not take a run's result
    ├── InvalidPolicyError            there is no such policy, or its options do not fit
    │   └── NoModelError                  what is asked for needs a language model, and none is configured
    ├── InvalidPromptError            a file with examples for a language model cannot be read
    ├── GeneratorError                a policy could not propose tactics
    │   ├── PromptTooLongError            the goal alone does not fit into the model's prompt
    │   └── LanguageModelError            the model cannot be reached, does not exist, or answers nonsense
    │       ├── ModelUnavailableError         no server of it can answer now; another time one may
    │       └── ContextOverflowError          a prompt does not fit into the model's context
    ├── StoreError                    Redis cannot be reached, or is not fit for jobs
    ├── JobNotFoundError              there is no such job or batch, or it belongs to another key
    ├── IdempotencyConflictError      the same idempotency key came with another request
    ├── BeyondLimitError              a request asks for more than this server allows
    ├── AuthenticationError           no API key, or not a valid one
    └── TooBusyError                  later: the queue is full, or a key has used up what it may
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from prover.core.distribution import install_line


@dataclass(frozen=True, slots=True)
class Message:
    """One message of a proof assistant. Lines count from 1, columns (in characters) from 0; line 0: no place."""

    severity: Literal["info", "warning", "error"]
    text: str
    line: int = 0
    column: int = 0


class ProverError(Exception):
    """Base of all errors that this package raises on purpose."""


class InvalidTheoremError(ProverError):
    """The statement cannot be used; the reason, the assistant's messages, and a hint where we have one."""

    def __init__(self, reason: str, *, messages: tuple[Message, ...] = (), hint: str | None = None) -> None:
        super().__init__(reason)
        self.reason = reason
        self.messages = messages
        self.hint = hint
        self.statement: str | None = None
        """Which statement it is, where several were given."""


class ProofEnvironmentError(ProverError):
    """The proof assistant failed (not: a tactic failed)."""


class EnvironmentUnavailableError(ProofEnvironmentError):
    """The proof assistant is not installed or does not start; the text says what to do."""


class SessionCrashedError(ProofEnvironmentError):
    """The proof assistant ended, and its state could not be restored by replaying tactics."""


class EnvironmentProtocolError(ProofEnvironmentError):
    """The proof assistant answered something outside its protocol."""


class InstallationError(ProverError):
    """`prover setup` could not finish; the text says why and what to do."""


class MissingExtraError(ProverError):
    """A part of the package needs libraries that are not installed; the text has the line that installs them."""

    def __init__(self, extra: str, what: str) -> None:
        super().__init__(f"{what} needs more libraries: {install_line(extra)}")


class InvalidSettingError(ProverError):
    """A setting, or a file that it names, cannot be used; the text says which and why."""


class SandboxUnavailableError(ProverError):
    """This system cannot lock down a program, so it was not run; the text says what is missing."""


class ServiceError(ProverError):
    """A running service refuses a request or cannot be reached; the text says why."""


class GeneratorError(ProverError):
    """A policy could not propose tactics."""


class PromptTooLongError(GeneratorError):
    """The goal and the words around it are longer than the model reads; the text says how long they are."""


class InvalidPromptError(ProverError):
    """A file with examples for a language model cannot be read; the text says where and why."""


class LanguageModelError(GeneratorError):
    """A language model cannot be reached, does not exist, or answers nonsense; the text says what to do."""


class ModelUnavailableError(LanguageModelError):
    """No server of a language model can answer now: it is down, busy, or still loads. The request is not at fault."""


class ContextOverflowError(LanguageModelError):
    """A prompt and its answer do not fit into the model's context."""


class InvalidProblemSetError(ProverError):
    """A problem set cannot be read; the text says where and why."""


class InvalidPolicyError(ProverError):
    """There is no such policy, or its options do not fit together; the text says what there is.

    `place` names the member of a request that asks for it.
    """

    def __init__(self, reason: str, *, place: tuple[str | int, ...] = ()) -> None:
        super().__init__(reason)
        self.place = place


class NoModelError(InvalidPolicyError):
    """What is asked for needs a language model, and none is configured; the text says how to."""


class InvalidCorpusError(ProverError):
    """Training data cannot be read or does not fit together; the text says where, why and what to do."""


class InvalidRecipeError(ProverError):
    """A training recipe cannot be read, or does not fit itself, the machines or the data; the text says what to do."""


class TrainingError(ProverError):
    """Training cannot start or go on; the text says what happened and what to do."""


class RunConflictError(ProverError):
    """A folder holds the results of another run, or another process writes to it."""


class ResultNotWrittenError(ProverError):
    """The disk does not take what a run has found; everything before it is safe."""

    def __init__(self, path: Path, error: OSError) -> None:
        super().__init__(f"cannot write {path}: {error.strerror}; make room, then go on with --resume")


class StoreError(ProverError):
    """Redis cannot be reached, or is not fit for jobs; the text says what to do."""


class JobNotFoundError(ProverError):
    """There is no such job or batch (any more), or it belongs to another key."""


class IdempotencyConflictError(ProverError):
    """The same idempotency key came with another request."""


class BeyondLimitError(ProverError):
    """A request asks for more than this server allows; `place` names the member that does."""

    def __init__(self, reason: str, *, place: tuple[str | int, ...] = ()) -> None:
        super().__init__(reason)
        self.place = place


class AuthenticationError(ProverError):
    """No API key, or not a valid one."""


class TooBusyError(ProverError):
    """Too many requests: the queue is full, or a key is over its limits. Retry after `retry_after_s`."""

    def __init__(self, reason: str, *, retry_after_s: float) -> None:
        super().__init__(reason)
        self.retry_after_s = retry_after_s
