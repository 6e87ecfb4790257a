"""Jobs: what was accepted is finished or reported, once."""
