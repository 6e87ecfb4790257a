"""Are two answers the same mathematics? Text becomes a value, values are compared; runs in the sandbox."""
