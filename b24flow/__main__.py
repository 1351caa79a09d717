"""The console script: `b24flow …`, also `python -m b24flow …`."""

from __future__ import annotations

import sys


def main() -> None:
    """Run the command line and exit with its code."""
    from b24flow.cli.app import execute  # noqa: PLC0415 - importing this module must cost nothing

    sys.exit(execute(sys.argv[1:]))


if __name__ == "__main__":
    main()
