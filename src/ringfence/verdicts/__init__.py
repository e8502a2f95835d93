"""How sure, and what is advised: fusing evidence, controlling errors, explaining."""

from ringfence.verdicts.finding import Coverage, Finding, Profile, Verdict

__all__ = ["Coverage", "Finding", "Profile", "Verdict"]
