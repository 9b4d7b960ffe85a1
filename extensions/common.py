"""Says how the scripts of this folder are started: python -m extensions.NAME

Whoever runs one by its file has Python look for modules here first, and it takes this one
for the project's `common`.
"""

import sys
from pathlib import Path

if __name__ == "common":
    folder, name = Path(__file__).parent.name, Path(sys.argv[0]).stem
    print(
        f"{name}: error: start it from the project's folder with python -m {folder}.{name}",
        file=sys.stderr,
    )
    raise SystemExit(2)
