"""Result to picture, table, sentence and document. Nothing here computes."""
