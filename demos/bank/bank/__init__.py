"""Acme Bank: a small bank that asks for more exactly when a payment is worth it."""
