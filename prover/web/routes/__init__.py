"""One file a route, or a protocol that existing clients speak."""
