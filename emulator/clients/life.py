"""The steps of a client's life: each is printed with its outcome, and all of them are counted."""

import sys
import time

POLL_SECONDS = 0.1
PATIENCE_SECONDS = 30

outcomes = []


def step(name, action):
    """Runs a step and returns its value, or None if it failed. A failed step does not stop the life."""
    try:
        value = action()
    except Exception as error:
        outcomes.append(False)
        print(f"FAILED  {name}: {type(error).__name__}: {' '.join(str(error).split())[:500]}")
        return None
    outcomes.append(True)
    print(f"ok      {name}")
    return value


def wait(name, reached):
    """Waits until something is so."""

    def poll():
        deadline = time.monotonic() + PATIENCE_SECONDS
        while not reached():
            if time.monotonic() > deadline:
                raise TimeoutError(f"not so after {PATIENCE_SECONDS} seconds")
            time.sleep(POLL_SECONDS)
        return True

    return step(name, poll)


def refused(name, code, action):
    """Runs a step that must fail with an error code of the service."""

    def attempt():
        try:
            action()
        except Exception as error:
            known = [str(getattr(error, member, "")) for member in ("code", "error_code")]
            if code in known or code in str(error):
                return True
            raise
        raise AssertionError(f"succeeded, instead of failing with {code}")

    return step(name, attempt)


def check(condition, message):
    if not condition:
        raise AssertionError(message)


def end():
    """Prints the number of steps that succeeded, and ends the program."""
    print(f"{sum(outcomes)} of {len(outcomes)} steps")
    sys.exit(0 if outcomes and all(outcomes) else 1)
