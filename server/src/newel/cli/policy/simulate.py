"""`newel policy simulate POLICY --profile FILE --log FILE`: a made-up log for a team that has none yet. It says so."""

from argparse import ArgumentParser, Namespace
from pathlib import Path

import numpy as np
import yaml

from newel.cli.arguments import add_json
from newel.cli.policy.files import BAD_INPUT, HOLDS, add_policy, opened, read_at
from newel.cli.policy.log_files import write_log_file
from newel.cli.policy.outputs import LOGS, check_output
from newel.cli.policy.proving import now
from newel.cli.printing import print_json
from newel.cli.refusal import Refusal
from newel.policy.replay.log import LogRefused
from newel.policy.replay.profile import Profile, read_profile
from newel.policy.replay.simulate import simulate

MOST_BYTES = 1_000_000
MOST = {"people": 10_000_000, "requests": 50_000_000, "days": 3_660, "start": 2**40, "length": 10_000}


def configure(parser: ArgumentParser) -> None:
    """Declare the arguments."""
    add_policy(parser)
    parser.add_argument("--profile", type=Path, required=True, metavar="FILE", help="who asks for what, how often")
    parser.add_argument(
        "--log", type=Path, required=True, metavar="FILE", help="where the log goes: a .npz or .parquet file"
    )
    parser.add_argument("--seed", type=int, default=1, help="the same seed makes the same log (default: %(default)s)")
    add_json(parser)


def run(options: Namespace) -> int:
    """Make the log and write it."""
    document = read_at(options.policy, options).document
    if options.seed < 0:
        raise Refusal("--seed is a number from 0 on", code=BAD_INPUT)
    check_output(options.log, LOGS)
    try:
        profile = _profile(_read(options.profile))
        made = simulate(profile, document, np.random.default_rng(options.seed))
    except LogRefused as error:
        raise Refusal(f"{options.profile}: {error}", code=BAD_INPUT) from error
    except OSError as error:
        raise Refusal(f"{options.profile}: {error.strerror}", code=BAD_INPUT) from error
    write_log_file(options.log, made)
    if options.json:
        print_json({"requests": len(made), "people": len(made.people), "synthetic": made.synthetic})
    else:
        print(f"{options.log} holds {len(made):,} made-up requests of {len(made.people):,} people: {made.synthetic}")
    return HOLDS


def _read(path: Path) -> object:
    with opened(path) as stream:
        text = stream.read(MOST_BYTES + 1)
    if len(text) > MOST_BYTES:
        raise LogRefused(f"a profile has at most {MOST_BYTES} bytes")
    try:
        return yaml.safe_load(text.decode())
    except (yaml.YAMLError, ValueError, AttributeError, RecursionError) as error:
        raise LogRefused(f"this is no YAML: {error}") from error


def _profile(unverified: object) -> Profile:
    profile = read_profile(unverified, now())
    for name, most in MOST.items():
        if getattr(profile, name) > most:
            raise LogRefused(f"{name} is at most {most:,}")
    return profile
