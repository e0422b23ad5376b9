"""What tables and figures hold, apart from how they are drawn."""
