"""The file → the document: every part read by its own module, every fault at its place."""
