"""A language model that is trained in minutes on a laptop: for tests and benchmarks of everything around it."""
