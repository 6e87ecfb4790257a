"""The HTTP service. Requires the extra `serve`."""
