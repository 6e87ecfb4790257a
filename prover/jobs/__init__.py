"""The queue and its workers: an accepted job is finished or reported exactly once."""
