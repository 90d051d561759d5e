"""Pieces of any page: choices, figures and tables with their downloads, guardrails."""
