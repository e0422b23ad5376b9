"""The paper's modules, one per file."""
