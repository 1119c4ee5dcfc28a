"""Gradients in reverse mode: from the flow of a network and its losses to a program that computes both."""
