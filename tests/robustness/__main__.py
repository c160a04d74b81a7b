"""`python -m robustness --times N`: kills sign, anchor, build, binder and audit-ready at N random moments."""

from __future__ import annotations

import argparse
import os
import sys
import tempfile
from pathlib import Path

from robustness import kills, scene


def main() -> int:
    """Kills, prints what was found, and answers 1 where something was broken."""
    parser = argparse.ArgumentParser(prog="python -m robustness", description=__doc__)
    parser.add_argument("--times", type=int, default=200, help="how many kills")
    parser.add_argument("--seed", type=int, default=None, help="where to begin, to draw the same moments again")
    asked = parser.parse_args()
    seed = asked.seed if asked.seed is not None else int.from_bytes(os.urandom(4))
    print(f"robustness: {asked.times} kills, seed {seed}", flush=True)
    all_killed = []
    with tempfile.TemporaryDirectory(prefix="qmdoc-robustness-") as folder:
        killer = kills.Killer(scene.make(Path(folder)), seed)
        for killed in killer.rounds(asked.times):
            all_killed.append(killed)
            for each in killed.broken:
                print(f"BROKEN  {killed}: {each}", flush=True)
    print("\n".join(kills.summary(all_killed)))
    broken = sum(bool(killed.broken) for killed in all_killed)
    print(f"robustness: {len(all_killed)} kills, {broken or 'nothing'} broken; again with: --seed {seed}")
    return 1 if broken else 0


if __name__ == "__main__":
    sys.exit(main())
