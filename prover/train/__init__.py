"""Training of language models. Needs the extra `train`."""
