"""Pages made from a report: one of the class, one per student. Files that need no network and no server."""
