"""Translates a board's traceback into the files and names of the sources.

    make traceback FILE=traceback.txt      # or paste it, and end with Ctrl-D
    .venv/bin/python tools/trace.py --map names.map < traceback.txt

In the compiled form functions have short names, and file names contain the id of their build
(`File "base@1a2b3c4d", line 1, in _0X`). lib/mpy/names.map has the names of one build only. On a
board `partysocket.__version__` ends in the id.
"""

import argparse
import json
import re
import sys
from pathlib import Path

from library import LIB, PACKAGE

MAP = LIB / "mpy" / "names.map"
_OURS = re.compile(r'File "([^"@]+)@([0-9a-f]{8})", line \d+, in ([^\s]+)')


class TraceError(Exception):
    """This traceback can't be translated with this map. The text says why, and what to do."""


def read_map(path):
    """Read the map that `make mpy` wrote: {"version", "build", "files"}."""
    try:
        names = json.loads(Path(path).read_text(encoding="utf-8"))
        if all(isinstance(known, dict) for known in names["files"].values()):
            return {key: names[key] for key in ("version", "build", "files")}
    except OSError as e:
        raise TraceError(f"{path} can't be read: {e.strerror}") from None
    except (ValueError, KeyError, TypeError, AttributeError):
        pass
    raise TraceError(f"{path} is no names.map of a release, as lib/mpy has one")


def translated(text, names):
    """Translate the lines of a traceback that are ours. All others stay as they are."""
    found = {match[2] for match in _OURS.finditer(text)}
    if not found:
        raise TraceError(
            'no line of the compiled library is in there, as File "base@1a2b3c4d", line 1, in _0X'
        )
    others = sorted(found - {names["build"]})
    if others:
        raise TraceError(
            f"the traceback is of build {', '.join(others)}, and the map of build "
            f"{names['build']} ({names['version']}): check out the release whose "
            f"partysocket.__version__ ends in +{others[0]}, or give its lib/mpy/names.map by --map"
        )
    return "".join(_line(line, names["files"]) for line in text.splitlines(keepends=True))


def _line(line, files):
    match = _OURS.search(line)
    if match is None:
        return line
    file, _, name = match.groups()
    origins = files.get(file, {}).get(name)
    if not origins:
        raise TraceError(f"the map has no {name} in {file}, though it is of the same build")
    head, tail = line[: match.start()], line[match.end() :]
    is_nameless = name.startswith("<")
    if is_nameless:
        sources = sorted({origin.partition(",")[0] for origin in origins})
        path = sources[0] if len(sources) == 1 else ""
        further, word = origins if len(origins) > 1 else [], "one of"
    else:
        path, _, name = origins[0].partition(", ")
        further, word = origins[1:], "or in what is written into it:"
    made = f'{head}File "{f"lib/{PACKAGE}/{path}".rstrip("/")}", in {name}{tail}'
    if not further:
        return made
    end = tail[len(tail.rstrip("\r\n")) :] or "\n"
    told = "; ".join(_told(origin) for origin in further)
    return f"{made}{'' if made.endswith(end) else end}{head}  {word} {told}{end}"


def _told(origin):
    """Turn "events.py, Emitter._guard" into "Emitter._guard (events.py)"."""
    path, _, name = origin.partition(", ")
    return f"{name} ({path})" if name else path


def main():
    parser = argparse.ArgumentParser(description=__doc__.partition("\n\n")[0])
    parser.add_argument("file", nargs="?", help="the traceback; without one it is read from stdin")
    parser.add_argument("--map", default=MAP, help="names.map of the board's release")
    args = parser.parse_args()
    if not args.file and sys.stdin.isatty():
        print("Paste the traceback, and end with Ctrl-D on a line of its own:", file=sys.stderr)
    try:
        data = Path(args.file).read_bytes() if args.file else sys.stdin.buffer.read()
        made = translated(data.decode(), read_map(args.map))
    except OSError as e:
        return f"{args.file} can't be read: {e.strerror}"
    except UnicodeDecodeError:
        return "the traceback is no text in UTF-8"
    except TraceError as e:
        return str(e)
    sys.stdout.buffer.write(made.encode())
    return 0


if __name__ == "__main__":
    sys.exit(main())
