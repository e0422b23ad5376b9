"""The driver's loop: reports of workers in, decisions out."""
