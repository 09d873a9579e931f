"""The protocol endpoints: one file each, functions from a request to a response."""
