"""Proving, verifying and suggesting as tools for coding agents (Model Context Protocol). Needs the extra `mcp`."""
