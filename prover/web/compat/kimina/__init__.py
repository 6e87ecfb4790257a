"""Kimina Lean Server's protocol.

`server/routers/*.py` and `client/` of `project-numina/kimina-lean-server` @fb2393d.
"""

from prover.web.compat.kimina.routes import router

__all__ = ["router"]
