"""Parts of `benchmarks/gpu.py`; on a CPU they run with tiny sizes, so that they work on the day.

A part is a function of a `Setting` that yields `Check`s; one that fails does not stop the others.
"""
