"""What a trial is: configuration, key, result, and the messages of driver and worker."""
