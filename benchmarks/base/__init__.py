"""Plain implementations of the same equations: what `benchmarks/speed.py` compares with.

They are written from the equations, for reading, and compute padding as the released code does:
each query's window of keys is gathered first and projected then, in every layer anew. Parameters
have the names and shapes of `sugrm`'s modules, so that one state dict fits both.
"""
