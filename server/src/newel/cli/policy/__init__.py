"""`newel policy …`: a file a subcommand. Exit codes for CI: 0 holds, 1 a finding, 2 bad input."""
