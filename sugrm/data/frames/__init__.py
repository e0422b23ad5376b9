"""Files of one modality: frames by the name of the utterance."""
