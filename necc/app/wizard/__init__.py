"""A file of a person's own: what each column is, what is open, and how it would load."""
