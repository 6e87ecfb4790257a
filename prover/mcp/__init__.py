"""Proving, verifying and suggesting as tools for coding agents (Model Context Protocol). Requires the extra `mcp`."""
