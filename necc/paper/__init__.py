"""A published paper as data: its arithmetic audited, its figures computed again, what others report. Results only."""
