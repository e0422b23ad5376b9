"""What a trial is: configuration and key, what driver and worker send, its result."""
