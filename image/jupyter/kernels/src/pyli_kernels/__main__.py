"""`python -m pyli_kernels install`: put the kernels where Jupyter finds them."""

from __future__ import annotations

import argparse
import sys

from .install import TITLES, InstallError, install


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m pyli_kernels", description=__doc__)
    command = parser.add_subparsers(required=True).add_parser("install", help="install kernelspecs")
    command.add_argument("languages", nargs="*", metavar="language", help=f"{' or '.join(TITLES)}; all without")
    place = command.add_mutually_exclusive_group()
    place.add_argument("--prefix", help="such as /usr/local or that of an environment; this one's without")
    place.add_argument("--user", action="store_true", help="for this user alone")
    command.add_argument("--npm", default="npm", help="the npm that installs @babel/core")
    options = parser.parse_args()
    if unknown := sorted(set(options.languages) - TITLES.keys()):
        parser.error(f"there is no kernel for {', '.join(unknown)}; there are {' and '.join(TITLES)}")
    prefix = None if options.user else options.prefix or sys.prefix
    for language in options.languages or TITLES:
        try:
            print(install(language, prefix=prefix, user=options.user, npm=options.npm))
        except InstallError as error:
            print(error, file=sys.stderr)
            return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
