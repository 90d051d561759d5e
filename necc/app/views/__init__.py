"""The parts of single pages that are too long for a script in `pages/`, each called as its page."""
