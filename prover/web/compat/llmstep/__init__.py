"""llmstep's protocol, `python/suggest.py` of `wellecks/llmstep` @88f4107.

Its own server answers every request with status 200; here bad input is a 4xx with the same `error` field.
"""

from prover.web.compat.llmstep.routes import router

__all__ = ["router"]
