"""What makes .venv: programs that are run, the virtual environment, npm's packages."""
