"""What is known of a language's text without asking the assistant."""
