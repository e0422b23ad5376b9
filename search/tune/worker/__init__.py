"""What runs on a worker: the trainable, its data, its checkpoint."""
