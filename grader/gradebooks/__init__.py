"""The instructor's own gradebook files: read as they are, and filled in without touching anything else."""
