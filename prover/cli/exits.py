"""Exit statuses of the command line."""

OK = 0
NOT_PROVED = 1
BAD_INPUT = 2
MACHINE_FAULT = 3
CANCELLED = 130
