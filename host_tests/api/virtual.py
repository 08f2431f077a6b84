"""Claims as pytest's own tests, for those that only CPython can run.

@virtual
async def test_echo(world):
    ws = world.websocket()
    peer = await world.next()
    peer.text("hello")
    assert await ws.recv() == "hello"
"""

import functools
import inspect

from .world import run_in_world


def virtual(test):
    """Run an `async def test(world, ...)` in virtual time; what else it takes is pytest's."""
    signature = inspect.signature(test)

    @functools.wraps(test)
    def run(**given):
        run_in_world(test, **given)

    del run.__wrapped__
    run.__signature__ = signature.replace(parameters=list(signature.parameters.values())[1:])
    return run
