"""The public Python API; its names are those of `prover.__all__`. See docs/reference/python.md."""
