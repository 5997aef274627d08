"""Handle what surrounds the cells: output, figures, magics, input, and how a cell ends.

`cell_hooks.CellHooks` installs everything.
Imports `recording` and `portability`.
"""
