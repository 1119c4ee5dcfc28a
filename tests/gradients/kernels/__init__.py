"""Tests of the kernels of gradients."""
