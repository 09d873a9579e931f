"""The policy decision point for resource servers: AuthZEN Authorization API 1.0."""
