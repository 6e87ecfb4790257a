"""False statements: counterexamples, and the negation that verification decides on."""
