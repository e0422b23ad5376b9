"""The sparse phased transformer's steps as lists of rows: which rows, which windows, which weights.

An utterance's sequences have lengths of their own. All functions here work on one list of rows for
all streams of a batch, so that padding need not be computed and streams share their operations.
"""
