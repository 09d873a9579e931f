"""The language of conditions: a frozen subset of CEL. Text → tokens → syntax → typed core; nothing here evaluates."""
