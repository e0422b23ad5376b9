"""What runs on a worker: a trial, its data, its checkpoint; whoever asks for it."""
