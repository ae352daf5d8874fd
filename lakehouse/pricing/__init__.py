"""Prices: load a dated price book, name the models of the traffic, and cost every request exactly."""
