"""Lessons: files of steps, bound to a cohort, whose answers are computed from it."""
