"""SUGRM: multimodal sentiment analysis with recalibrated features and generated labels."""
