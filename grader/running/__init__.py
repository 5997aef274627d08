"""Runs a job and brings back its trace. Knows no answers."""
