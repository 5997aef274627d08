"""Similar work: notebooks that share what few others of the class have. Evidence for a person, never points. Pure."""
