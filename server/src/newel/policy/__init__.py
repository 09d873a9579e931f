"""What is demanded for what: a pure function from facts to a requirement, with reasons."""
