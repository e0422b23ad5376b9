"""From what a layout finds in a file to content that is checked and packed."""
