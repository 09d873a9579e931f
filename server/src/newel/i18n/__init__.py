"""Words: message ids with arguments, catalogues, and the formats of amounts, times and dates."""
