"""What the commands print: every line, panel and table of the terminal."""
