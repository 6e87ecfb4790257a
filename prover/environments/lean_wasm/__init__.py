"""The embedded Lean: real Lean 4 as WebAssembly under Node, nothing to install."""
