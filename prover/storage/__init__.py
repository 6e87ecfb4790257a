"""Redis: the connection, caches, notifications, and the embedded server."""
