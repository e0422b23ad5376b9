"""The columnar cache: corpora and text states as memory-mapped Arrow files."""
