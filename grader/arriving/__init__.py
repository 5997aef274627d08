"""What was handed in, from the zip or folder that it came in: whose it is, and which file of each student counts."""
