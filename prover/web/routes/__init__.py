"""One file a group of routes; each gives a `router(...)`."""
