"""What is kept: verbs are values (`sql/`), an engine runs them (`sqlite`), the audit chain rides along (`audit`)."""
