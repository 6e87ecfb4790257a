"""The parts of `python -m benchmarks.embedded_lean`, one file per part."""
