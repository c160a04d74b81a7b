"""`python -m model --seconds N`: product against model over as many random histories as fit into the time."""

from __future__ import annotations

import argparse
import os
import sys
import time

from hypothesis import given, seed, settings

from model import clock, test_model
from model.histories import histories, stamped_histories
from model.rows import History

AGREE_ON_STAMPS = test_model.test_product_and_model_agree_on_what_time_stamps_find_out
PROPERTIES = (
    test_model.test_product_and_model_agree,
    test_model.test_the_answer_for_a_day_is_that_of_the_history_cut_there,
    test_model.test_what_is_appended_changes_nothing_that_landed_before,
)


def main() -> int:
    """Compares until the time is over; a difference ends it with the rows and both answers."""
    parser = argparse.ArgumentParser(prog="python -m model", description=__doc__)
    parser.add_argument("--seconds", type=float, default=60)
    parser.add_argument("--seed", type=int, default=None, help="where to begin, to see a failure again")
    asked = parser.parse_args()
    number = asked.seed if asked.seed is not None else int.from_bytes(os.urandom(4))
    end, count, turn = time.monotonic() + asked.seconds, 0, 0
    while time.monotonic() < end:
        check = PROPERTIES[0] if turn % 4 else PROPERTIES[1 + turn // 4 % 2]
        made = histories(26, 8, has_stamps=check is not PROPERTIES[2])
        if turn % 4 == 2 and clock.is_there():
            check, made = AGREE_ON_STAMPS, stamped_histories(20, 6)

        @seed(number + turn)
        @settings(test_model.CHECKED, max_examples=50, derandomize=False)
        @given(made)
        def compared(history: History) -> None:
            nonlocal count
            count += 1
            check.hypothesis.inner_test(history)  # noqa: B023

        try:
            compared()
        except BaseException:
            print(f"model: broken after {count} histories; again with: --seed {number + turn}", flush=True)
            raise
        turn += 1
    print(f"model: {count} histories, no difference (seed {number})")
    return 0


if __name__ == "__main__":
    sys.exit(main())
