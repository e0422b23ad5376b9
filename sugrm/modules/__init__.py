"""The paper's modules, one a file."""
