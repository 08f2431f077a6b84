"""The program `partysocket-rooms`: the room server, a deploy, the bridge to MQTT, or a move of rooms
to a party server. It is only in the wheel, in the package of the room server.
"""

import sys

PROGRAM = "partysocket-rooms"
_DEPLOY = "deploy"
_MQTT = "mqtt"
_MOVE = "move"


def main():
    word = sys.argv[1] if len(sys.argv) > 1 else None
    try:
        if word == _DEPLOY:
            from .deploy.command import main as deploy
            from .home_token import token_of_user
            from .reach import find_own_address

            sys.exit(deploy(find_own_address, token_of_user, sys.argv[2:], f"{PROGRAM} {_DEPLOY}"))
        if word == _MOVE:
            from .moving.__main__ import main as move

            sys.exit(move(sys.argv[2:], f"{PROGRAM} {_MOVE}"))
        if word == _MQTT:
            from .mqtt.__main__ import main as bridge
        else:
            from .__main__ import main as serve
    except ModuleNotFoundError as error:
        # Its own modules are always there.
        if error.name.startswith("partysocket"):
            raise
        extra = _MQTT if word == _MQTT else "rooms"
        sys.exit(
            f"{PROGRAM}: the package {error.name} is not installed: "
            f"pip install 'partysocket[{extra}]'"
        )
    if word == _MQTT:
        bridge(sys.argv[2:], f"{PROGRAM} {_MQTT}")
    else:
        serve(prog=PROGRAM)


# `python -m partysocket_rooms.command`, where programs of packages are not on the PATH.
if __name__ == "__main__":
    main()
