"""The generated unimodal labels of a run: their distribution, and how they agree with humans."""
