"""The program `partysocket-rooms`: the room server, or a deploy. It is only in the wheel, in the
package of the room server.
"""

import sys

PROGRAM = "partysocket-rooms"
_DEPLOY = "deploy"


def main():
    try:
        if sys.argv[1:2] == [_DEPLOY]:
            from .deploy.command import main as deploy
            from .home_token import token_of_user
            from .reach import find_own_address

            sys.exit(
                deploy(find_own_address, token_of_user, sys.argv[2:], f"{PROGRAM} {_DEPLOY}")
            )
        from .__main__ import main as serve
    except ModuleNotFoundError as error:
        # Its own modules are always there.
        if error.name.startswith("partysocket"):
            raise
        sys.exit(
            f"{PROGRAM}: the package {error.name} is not installed: "
            "pip install 'partysocket[rooms]'"
        )
    serve(prog=PROGRAM)


# `python -m partysocket_rooms.command`, where programs of packages are not on the PATH.
if __name__ == "__main__":
    main()
