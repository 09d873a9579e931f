"""Keys, tokens, hashes and seals: everything cryptographic, without storage and without configuration."""
