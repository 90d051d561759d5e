"""From the screen to the paper: a project's exhibits as a document, slides, a workbook, figures and scripts."""
