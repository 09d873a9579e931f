"""A policy file written anew: its tree with comments, how a text is quoted, conditions, and the lines of it all."""
