"""Other projects' protocols, so that their clients work unchanged."""
