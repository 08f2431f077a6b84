"""The parts that make .venv: running installers, the virtual environment, npm's packages."""
