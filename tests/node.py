"""The Node that runs the JavaScript tests: the one inside the Playwright wheel, so that nobody has to install any.

`python -m tests.node FILE...` runs `node --test` over them.
"""

import subprocess
import sys
from pathlib import Path

from playwright._impl._driver import compute_driver_executable

NODE = Path(compute_driver_executable()[0])

if __name__ == "__main__":
    sys.exit(subprocess.run([NODE, "--test", *sys.argv[1:]], check=False).returncode)
