"""The paper's mathematics: word problems and examinations, in words and with programs, through lm-eval."""
