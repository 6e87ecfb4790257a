"""Language models as policies see them: prompts in, sampled continuations with log-probabilities out."""
