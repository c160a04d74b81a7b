"""What is said once the demonstration programme has been made."""

from __future__ import annotations

from qmdoc.demo import Demo


def demonstration_text(made: Demo) -> str:
    """Where it is, which faults were planted, and how to go on."""
    lines = [
        "",
        f"The demonstration programme is in {made.repository}: {made.commits} commits from {made.first_day} to {made.last_day}, all invented.",
    ]
    if made.faults:
        lines.append("Planted faults, each of which is named above:")
        lines += [
            f"  {number}. {fault.document}: {fault.story} [{fault.check}]"
            for number, fault in enumerate(made.faults, 1)
        ]
    lines.append(f"Its README.md says what to try. Its trust root is {made.trust_root}")
    return "\n".join(lines) + "\n"
