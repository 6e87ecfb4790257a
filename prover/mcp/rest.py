"""A running `prover serve`, over its REST interface (docs/reference/rest.md)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Self, TypeVar

import httpx
from pydantic import BaseModel, ConfigDict, ValidationError

from prover.core.record import ProofRecord, Verification
from prover.errors import ServiceError
from prover.jobs.job import FailureMessage, JobStatus, Progress
from prover.mcp.service import JobView, with_messages
from prover.proving.suggest import SuggestionOptions, Suggestions

Answer = TypeVar("Answer", bound=BaseModel)
LONGEST_WAIT_S = 50.0
CONNECT_TIMEOUT_S = 30.0
RESPONSE_TIMEOUT_S = 600.0  # longer than the service's own limits, also where it has to wait for a busy machine


class _Reading(BaseModel):
    """The members of a response that we read; a newer service may send more."""

    model_config = ConfigDict(extra="ignore")


class _Record(ProofRecord):
    model_config = ConfigDict(extra="ignore", frozen=True)


class _Verification(Verification):
    model_config = ConfigDict(extra="ignore", frozen=True)


class _Suggestions(Suggestions):
    model_config = ConfigDict(extra="ignore", frozen=True)


class _Progress(Progress):
    model_config = ConfigDict(extra="ignore", frozen=True)


class _Message(FailureMessage):
    model_config = ConfigDict(extra="ignore", frozen=True)


class _Failure(_Reading):
    reason: str = "the job failed"
    hint: str | None = None
    messages: tuple[_Message, ...] = ()

    @property
    def words(self) -> str:
        return with_messages(self.reason, self.messages, self.hint)


class _Proof(_Reading):
    id: str
    status: JobStatus
    progress: _Progress | None = None
    record: _Record | None = None
    failure: _Failure | None = None

    @property
    def view(self) -> JobView:
        if self.record:
            return JobView.of(self.id, self.status, self.record)
        if not self.status.ended:
            return JobView(job=self.id, status=self.status, progress=self.progress)
        reason = self.failure.words if self.failure else f"the job was {self.status}"
        return JobView(job=self.id, status=self.status, proved=False, reason=reason)


class RestService:
    """The service at `url`."""

    def __init__(self, url: str, *, api_key: str | None = None) -> None:
        headers = {"Authorization": f"Bearer {api_key}"} if api_key else {}
        timeout = httpx.Timeout(RESPONSE_TIMEOUT_S, connect=CONNECT_TIMEOUT_S)
        self._client = httpx.AsyncClient(base_url=url.rstrip("/"), headers=headers, timeout=timeout)
        self._url = url

    async def __aenter__(self) -> Self:
        """Return the service. Its connections close with the context."""
        return self

    async def __aexit__(self, *_: object) -> None:
        """Close the connections."""
        await self._client.aclose()

    async def prove(self, theorem: str, *, effort: float, timeout_s: float, wait_s: float) -> JobView:
        """Start a job; see ProvingService."""
        body = {"theorem": theorem, "budget": {"effort": effort, "timeout_s": timeout_s}}
        return (await self._ask(_Proof, "POST", "/v1/proofs", body, wait_s)).view

    async def job(self, job: str, *, wait_s: float) -> JobView:
        """Return a job; see ProvingService."""
        return (await self._ask(_Proof, "GET", _place(job), wait_s=wait_s)).view

    async def cancel(self, job: str) -> JobView:
        """Cancel a job; see ProvingService."""
        return (await self._ask(_Proof, "DELETE", _place(job), wait_s=10.0)).view

    async def verify(self, source: str, *, against: str | None) -> Verification:
        """Verify a text; see ProvingService."""
        body = {"source": source} | ({} if against is None else {"against": against})
        return await self._ask(_Verification, "POST", "/v1/verifications", body)

    async def suggest(
        self, *, theorem: str | None, tactics: Sequence[str], state: str | None, header: str, options: SuggestionOptions
    ) -> Suggestions:
        """Suggest tactics; see ProvingService."""
        asked = {"header": header, **options.model_dump()}
        about = {"state": state} if theorem is None else {"theorem": theorem, "tactics": list(tactics)}
        return await self._ask(_Suggestions, "POST", "/v1/tactics", asked | about)

    async def _ask(
        self,
        kind: type[Answer],
        method: str,
        path: str,
        body: dict[str, Any] | None = None,
        wait_s: float | None = None,
    ) -> Answer:
        waiting = {} if wait_s is None else {"wait_s": min(wait_s, LONGEST_WAIT_S)}
        try:
            response = await self._client.request(method, path, json=body, params=waiting)
        except (httpx.HTTPError, httpx.InvalidURL) as error:
            raise ServiceError(
                f"the service at {self._url} cannot be reached: {error or type(error).__name__}"
            ) from error
        if not response.is_success:
            raise ServiceError(_refusal(response))
        try:
            return kind.model_validate_json(response.content)
        except ValidationError as error:
            raise ServiceError(f"the service at {self._url} does not answer like a prover") from error


def _place(job: str) -> str:
    if not job.isalnum():
        raise ServiceError(f"{job!r} is not the id of a job")
    return f"/v1/proofs/{job}"


def _refusal(response: httpx.Response) -> str:
    """Return the text of a problem (RFC 9457)."""
    try:
        problem = response.json()
    except ValueError:
        problem = None
    if not isinstance(problem, dict):
        return f"the service answers {response.status_code} {response.reason_phrase}"
    parts = [str(problem[key]) for key in ("title", "detail", "hint") if problem.get(key)]
    return ": ".join(parts) or f"the service answers {response.status_code} {response.reason_phrase}"
