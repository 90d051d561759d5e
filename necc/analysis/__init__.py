"""Cohort to result: every analysis, each with its frozen result types. Nothing here writes or draws for a person."""
