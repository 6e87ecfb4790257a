"""As much of Lean's syntax as can be read without Lean: words, brackets, comments, and where a statement ends."""
