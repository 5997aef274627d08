"""The checks, one module each.

Each decides one kind of exercise: value, series, function, graph, text.
"""

__all__ = ["function", "graph", "series", "text", "value"]
