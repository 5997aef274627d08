"""Use the processor where a notebook asks for a GPU, and answer its questions about one.

`devices` installs everything.
Imports `recording` only.
"""
