"""What is known already: outcomes of tactics, completions of prompts."""
