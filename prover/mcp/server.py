"""The MCP server and its tools."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Annotated, Any

from mcp.server import MCPServer
from mcp.server.mcpserver import Context
from mcp.server.mcpserver.exceptions import ToolError
from mcp.types import CallToolResult, InputRequiredResult, Tool, ToolAnnotations
from pydantic import Field

from prover._version import __version__
from prover.core.record import Verification
from prover.core.theorem import with_header
from prover.errors import ProverError
from prover.mcp.in_process import explained
from prover.mcp.service import JobView, ProvingService
from prover.proving.suggest import LONGEST_PATH, SuggestionOptions, Suggestions

INSTRUCTIONS = """Proves theorems of Lean 4 and checks proofs. Only `proved: true` (prove, job_status) and
`accepted: true` (verify) mean that a kernel has checked the whole text; `closes` of suggest_tactics does not.
`verdict: refuted` means that a kernel has checked a proof that the statement is false; change the statement.
The embedded Lean has the core library (Init, Std, Lean), not Mathlib."""

WaitS = Annotated[float, Field(ge=0, le=50, description="seconds to wait for the job to end before answering")]
Job = Annotated[str, Field(min_length=1, max_length=100, description="id that `prove` returned")]
Text = Annotated[str, Field(min_length=1)]
Header = Annotated[str, Field(description="text before the theorem: imports, open, definitions")]
READS = ToolAnnotations(read_only_hint=True, open_world_hint=False)
WORKS = ToolAnnotations(read_only_hint=False, destructive_hint=False, open_world_hint=False)


class StrictServer(MCPServer[None]):
    """A server that refuses arguments which a tool does not have: the library drops them, and the answer is to another
    question than was asked."""  # noqa: D205, D209

    async def list_tools(self) -> list[Tool]:
        """Return the tools; their schemas say that there are no other arguments."""
        closed = {"additionalProperties": False}
        return [
            tool.model_copy(update={"input_schema": tool.input_schema | closed}) for tool in await super().list_tools()
        ]

    async def call_tool(
        self, name: str, arguments: dict[str, Any], context: Context[None, Any] | None = None
    ) -> CallToolResult | InputRequiredResult:
        """Call a tool. Raises ToolError if it has no argument of some name."""
        for tool in await super().list_tools():
            known = list(tool.input_schema["properties"])
            if tool.name == name and (unknown := sorted(set(arguments) - set(known))):
                raise ToolError(f"{name} has no argument `{'`, `'.join(unknown)}`; it has `{'`, `'.join(known)}`")
        return await super().call_tool(name, arguments, context)


def create_server(service: ProvingService) -> MCPServer[None]:
    """Return a server whose tools call `service`."""
    server = StrictServer("prover", instructions=INSTRUCTIONS, version=__version__, log_level="WARNING")

    @server.tool(annotations=WORKS)
    async def prove(
        theorem: Annotated[Text, Field(description="`theorem NAME BINDERS : TYPE`, with or without `:= by sorry`")],
        header: Header = "",
        effort: Annotated[
            float, Field(gt=0, le=3600, description="effort of the search; a unit is about a second on an idle core")
        ] = 60.0,
        timeout_s: Annotated[float, Field(gt=0, le=3600, description="wall time of the search in seconds")] = 1800.0,
        wait_s: WaitS = 25.0,
    ) -> JobView:
        """Search for a proof of a Lean 4 theorem. A search longer than wait_s goes on: see job_status."""
        with _reported():
            return await service.prove(with_header(header, theorem), effort=effort, timeout_s=timeout_s, wait_s=wait_s)

    @server.tool(annotations=READS)
    async def job_status(job: Job, wait_s: WaitS = 25.0) -> JobView:
        """Return the status of a proof search: its progress while it runs, its result when it has ended."""
        with _reported():
            return await service.job(job, wait_s=wait_s)

    @server.tool(annotations=WORKS)
    async def cancel_job(job: Job) -> JobView:
        """Stop a proof search."""
        with _reported():
            return await service.cancel(job)

    @server.tool(annotations=READS)
    async def verify(
        source: Annotated[Text, Field(description="a whole Lean file with its proofs")],
        against: Annotated[str | None, Field(description="the exact statement that the file must prove")] = None,
    ) -> Verification:
        """Check a Lean file: no errors, no sorry, no new axioms, every declaration re-checked by the kernel.

        Without `against`, a file that proves a different statement is accepted as well.
        """
        with _reported():
            return await service.verify(source, against=against)

    @server.tool(annotations=READS)
    async def suggest_tactics(
        theorem: Annotated[str | None, Field(description="the statement; or give `state`")] = None,
        tactics: Annotated[list[str] | None, Field(max_length=LONGEST_PATH, description="the proof so far")] = None,
        state: Annotated[str | None, Field(description="a goal as Lean prints it; or give `theorem`")] = None,
        header: Header = "",
        n: Annotated[int, Field(ge=1, le=100)] = 12,
    ) -> Suggestions:
        """Suggest tactics, each tried: which close the goal, which advance it, which fail and why.

        With `theorem` and `tactics`, this also shows the goals after those tactics.
        """
        if (theorem is None) == (state is None) or (tactics and theorem is None):
            raise ToolError("give either `theorem` (and `tactics`) or `state`")
        with _reported():
            return await service.suggest(
                theorem=theorem, tactics=tactics or (), state=state, header=header, options=SuggestionOptions(n=n)
            )

    return server


@contextmanager
def _reported() -> Iterator[None]:
    """Report our errors to the client; the library hides errors of other kinds."""
    try:
        yield
    except ProverError as error:
        raise ToolError(explained(error)) from error
