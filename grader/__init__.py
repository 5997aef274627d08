"""Grades PyTorch notebooks by what they compute."""

__version__ = "0.1.0"
