"""Ten checks of the native Lean, for the machine of a maintainer with a network: `make test-native` prints a table.

Without a `lake` they run against the stand-in, a REPL on top of the embedded Lean with programs that play lake and the
checkers: then they show that our side is right, and nothing about a native Lean.
"""
