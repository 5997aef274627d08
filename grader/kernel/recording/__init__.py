"""Record what the statements of a notebook do.

`instrument` puts probes between statements, `recorder.Recorder` writes the events, and `values`
describes values as plain data.
Imports no other package of the kernel.
"""
