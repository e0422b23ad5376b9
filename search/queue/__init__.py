"""What runs next, and which recorded trials belong to the present space."""
