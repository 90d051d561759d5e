"""What one visitor has open: cohort, filters, links, cache, failures. Draws nothing."""
