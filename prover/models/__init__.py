"""Language models, as a policy sees them: prompts in, sampled continuations with log-probabilities out."""
