"""The command line: one thin module a command, heavy imports inside its function."""
