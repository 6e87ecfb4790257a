"""Redis: the connection, caches, notifications, and the server that a laptop gets."""
