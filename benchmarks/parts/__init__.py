"""What `python -m benchmarks.embedded_lean` measures, one file a part."""
