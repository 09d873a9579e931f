"""What the process says about itself: log lines and counters. Takes plain arguments and knows no configuration."""
