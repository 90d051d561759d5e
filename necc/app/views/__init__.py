"""The views of the pages: each chooses, computes and shows. `VIEWS` of a module are those of the page of its name."""
