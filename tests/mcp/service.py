"""The routes of a running service that `prover mcp` asks, as DESIGN.md (section 5) has them."""

from __future__ import annotations

from typing import Any

from fastapi import APIRouter, Request
from fastapi.responses import JSONResponse

from prover.budget import SearchBudget
from prover.environments.environment import ProofEnvironment
from prover.policy.generator import TacticGenerator
from prover.proving import prove_theorem
from prover.record import ProofRecord, Verification
from prover.theorem import Theorem
from prover.verification.verify import verify_source

KEY = "prover_secret"


class Service:
    """Proves at once what it is asked to wait for; else when it is asked again."""

    def __init__(self, environment: ProofEnvironment, generator: TacticGenerator) -> None:
        self.environment, self.generator = environment, generator
        self.jobs: dict[str, dict[str, Any]] = {}
        self.cancelled: list[str] = []

    def view(self, name: str, record: ProofRecord | None) -> dict[str, Any]:
        status = "completed" if record else "running"
        if name in self.cancelled:
            status = "cancelled"
        return {
            "id": name,
            "status": status,
            "proved": record and record.proved,
            "proof": record and record.proof,
            "record": record and record.model_dump(mode="json"),
            "failure": None,
            "progress": {"expansions": 0},
            "links": {"self": f"/v1/proofs/{name}"},
        }

    async def record(self, name: str) -> ProofRecord:
        asked = self.jobs[name]
        return await prove_theorem(
            Theorem.from_text(asked["theorem"]),
            environment=self.environment,
            generator=self.generator,
            budget=SearchBudget(**asked["budget"]),
        )

    def router(self) -> APIRouter:
        routes = APIRouter(prefix="/v1")

        def refused(request: Request, name: str | None = None) -> JSONResponse | None:
            if request.headers.get("authorization") != f"Bearer {KEY}":
                problem = {"title": "An API key is needed", "detail": "send Authorization: Bearer", "status": 401}
                return JSONResponse(problem, 401, media_type="application/problem+json")
            if name is not None and name not in self.jobs:
                return JSONResponse({"title": "There is nothing here", "status": 404}, 404)
            return None

        @routes.post("/proofs", response_model=None)
        async def submit(request: Request, wait_s: float = 0) -> JSONResponse | dict[str, Any]:
            if no := refused(request):
                return no
            name = f"p{len(self.jobs):027x}"
            self.jobs[name] = await request.json()
            return self.view(name, await self.record(name) if wait_s else None)

        @routes.get("/proofs/{name}", response_model=None)
        async def look(request: Request, name: str, wait_s: float = 0) -> JSONResponse | dict[str, Any]:
            return refused(request, name) or self.view(name, await self.record(name) if wait_s else None)

        @routes.delete("/proofs/{name}", response_model=None)
        async def cancel(request: Request, name: str) -> JSONResponse | dict[str, Any]:
            if no := refused(request, name):
                return no
            self.cancelled.append(name)
            return self.view(name, None)

        @routes.post("/verifications", response_model=None)
        async def verify(request: Request) -> JSONResponse | Verification:
            if no := refused(request):
                return no
            body = await request.json()
            against = Theorem.from_text(body["against"]) if "against" in body else None
            text = Theorem.from_text(body["source"])
            return await verify_source(text, self.environment, against=against, timeout_s=30)

        return routes
