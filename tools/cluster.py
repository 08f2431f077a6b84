"""Runs the rooms of examples/party_server on several workerd processes of this computer.

    make cluster              three of them; ends with Ctrl-C
    make cluster N=5 PORT=8080

They share a bucket, in memory, so all rooms are empty at each start. haproxy is before them. An
instance that ends is started again, as systemd would do: kill one, and see what happens. TOKEN,
KEEP_RAW and the other variables of examples/party_server come from the environment.
"""

import argparse
import platform
import signal
import sys
import tempfile
from pathlib import Path

from cluster.supervisor import Supervisor
from cluster.together import Cluster
from party_server import StartError, check_free, check_settings, find_workerd
from room_server import reach

MOST = 9
_WHAT_NOW = (
    "kill -9 one of the processes, and it is started again; its rooms answer after 20 s. "
    "Ctrl-C ends all"
)


def arguments():
    parser = argparse.ArgumentParser(prog="cluster", description=__doc__.split("\n")[0])
    parser.add_argument("--instances", type=int, default=3, metavar="N", help="(%(default)s)")
    parser.add_argument("--host", default="127.0.0.1", help="address to listen on (%(default)s)")
    parser.add_argument("--port", type=int, default=1999, help="0: any free one (%(default)s)")
    args = parser.parse_args()
    if not 1 <= args.instances <= MOST:
        parser.error(f"--instances takes 1 to {MOST}, not {args.instances}")
    if not 0 <= args.port <= 65535:
        parser.error(f"--port takes 0 to 65535, not {args.port}")
    return args


def check_platform():
    if find_workerd():
        return
    machine = f"{platform.system()} {platform.machine()}"
    raise StartError(
        f"there is no workerd on this computer ({machine}): npm has one for Linux and macOS on "
        "x86_64 and arm64, which `make cluster` installs. `make rooms` runs anywhere"
    )


def say(text):
    print(f"cluster: {text}", flush=True)


def show(instance):
    peers = f"the others reach it at 127.0.0.1:{instance.peer_port}"
    say(f"instance {instance.number}: process {instance.pid}, {instance.url}, {peers}")


def main():
    args = arguments()
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, lambda *_: sys.exit(0))
    try:
        check_platform()
        check_free(args.host, args.port)
        with tempfile.TemporaryDirectory(prefix="partysocket-cluster-") as folder:
            rooms = Path(folder) / "rooms"
            with Cluster(rooms, args.instances, args.host, args.port, has_logs=False) as cluster:
                check_settings(cluster.instances[0])
                for instance in cluster.instances:
                    show(instance)
                announcement = reach.announcement(
                    "http", args.host, cluster.port, at_home="--host 0.0.0.0"
                )
                say(announcement)
                say(_WHAT_NOW)
                Supervisor(cluster.instances, say, show).run()
    except StartError as error:
        print(f"cluster: {error}", file=sys.stderr)
        return 2


if __name__ == "__main__":
    sys.exit(main())
