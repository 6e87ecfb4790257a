"""A Lean project of the user's own, any toolchain, through the community REPL."""
