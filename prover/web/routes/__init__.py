"""The routes, one module per group; each has a function `router`."""
