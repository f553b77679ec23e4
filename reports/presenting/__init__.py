"""A comparison as words, figures, a document, a page and a folder."""
