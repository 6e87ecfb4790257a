"""A language model small enough to be trained in minutes on a laptop: for tests and benchmarks of everything around it."""
