"""From a statement to a record: the one path of every front end."""
