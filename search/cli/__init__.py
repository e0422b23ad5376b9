"""The command line: one thin file a command, every heavy import inside its function."""
