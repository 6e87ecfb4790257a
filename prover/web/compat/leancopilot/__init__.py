"""LeanCopilot's protocol for external models.

`python/server.py` and `LeanCopilot/Models/External.lean` of `lean-dojo/LeanCopilot` @6073803.
"""

from prover.web.compat.leancopilot.routes import router

__all__ = ["router"]
