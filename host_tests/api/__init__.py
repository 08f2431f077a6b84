"""The promises of the public interface, claim by claim, in virtual time on CPython's asyncio and
on MicroPython's.

    run_claims.py   the command: runs the claims of one module; test_claims.py runs all with pytest
    world.py        sockets and the servers they dial, for one claim
    claims_*.py     `async def claim_...(world)`, and `def outside_...()` without a loop.
                    `async def cpython_...(world)` and `micropython_...` run only there
"""
