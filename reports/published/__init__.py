"""The numbers that the paper prints, as data; ``published.csv`` holds every cell of its tables."""
