"""What everything stands on: errors, numbers, the dictionary, the cohort, its filters. Imports nothing at the start."""
