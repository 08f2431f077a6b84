"""Whole lives of a socket, drawn from seeds, in virtual time: the real driver, a simulated server
and network, a user who does what users do, and a judge who watches every turn of the loop.

The same lives run on CPython's asyncio and on MicroPython's, so all but `test_*.py`, `planted.py`
and `on_cpython.py` keeps to what MicroPython understands.

    run_seeds.py    the command: so many seeds, or SEED=n for one with its trace
    life.py         one seed: options, a time of faults, a healed world, the end
    network.py      what the dials meet;  peer.py: one connection, as its server plays it;
                    wire.py: frames
    user.py         what the application does;  surroundings.py: what it hands over as options
    judge.py        what must hold;  ledger.py: of the messages;  pace.py: all along, and in time
    left_out.py     what the library does not stand yet
    clock.py        virtual time: on_cpython.py, on_micropython.py; other suites have it from here
    planted.py      bugs that the lives have to find
    busy.py         one life that is cancelled at each place where it can be
"""
