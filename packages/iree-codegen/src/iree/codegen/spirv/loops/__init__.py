"""Loops over single elements, which sorts, scatters, scans and decompositions are: many threads run them."""
