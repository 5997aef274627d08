"""A page on this machine on which a person reads answers, settles flags and overrides scores."""
