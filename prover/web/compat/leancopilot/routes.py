"""The routes of LeanCopilot's server for external models."""

from __future__ import annotations

from fastapi import APIRouter, Response

from prover.models.encoder import Encoder
from prover.web.compat.error_shape import errors_as
from prover.web.compat.leancopilot.adapter import generated
from prover.web.compat.leancopilot.protocol import (
    EncoderRequest,
    EncoderResponse,
    GeneratorRequest,
    GeneratorResponse,
    LeanCopilotError,
)
from prover.web.routes.tactics import Suggesting


def router(suggesting: Suggesting, encoder: Encoder) -> APIRouter:
    """Return both routes."""
    routes = APIRouter(
        tags=["compatible"],
        route_class=errors_as(lambda sentence: LeanCopilotError(detail=sentence).model_dump()),
        responses={422: {"model": LeanCopilotError}, 503: {"model": LeanCopilotError}},
    )

    @routes.post("/generate", summary="LeanCopilot: tactics")
    async def generate(asked: GeneratorRequest) -> GeneratorResponse:
        """Suggest tactics with scores in (0, 1]; a tactic that closes the goal scores 1."""
        return await generated(suggesting, asked)

    @routes.post("/encode", summary="LeanCopilot: a vector")
    async def encode(asked: EncoderRequest, response: Response) -> EncoderResponse:
        """Encode a text. The header `X-Encoder` names the encoder: vectors of different encoders do not compare."""
        response.headers["X-Encoder"] = encoder.identity
        return EncoderResponse(outputs=await encoder.encode(asked.input))

    return routes
