"""Cheap tactics that need no model: the assistant's own automation, in a measured order."""
