"""The co-writer without a daemon, for measuring: an ask in, its proposals and its cards out."""

from __future__ import annotations

from dataclasses import dataclass

from bandmate.chords.accept import accepted, chosen
from bandmate.chords.cards import PROPOSALS, ChordPlan
from bandmate.chords.requests import Fill, Judge, Judged, Proposal, Propose
from bandmate.chords.service import PriorServant, ProposerServant, open_own, open_prior
from data import MODELS

TEMPERATURE = 1.7
"""Of the acceptance, as ``daemon/bandmate/defaults.yaml`` has it."""


@dataclass(frozen=True)
class Dealt:
    """What became of one ask."""

    plan: ChordPlan
    judged: list[Judged]
    """All proposals of the batch."""
    cards: list[tuple[Judged, bool]]
    """The cards, and whether each was accepted."""

    @property
    def accepted(self) -> list[Judged]:
        """Every proposal that passed, no two alike, not only the cards."""
        return accepted(self.judged, self.plan.seed, self.plan.m)


class Desk:
    """Proposer and prior, opened in this process."""

    def __init__(self, temperature: float = TEMPERATURE) -> None:
        self.proposer: ProposerServant = open_own(MODELS)
        self.prior: PriorServant = open_prior(MODELS, temperature)

    def dealt(self, plan: ChordPlan, count: int = PROPOSALS) -> Dealt:
        """Propose, judge and choose."""
        proposals = tuple(self.proposer.serve(Propose(plan, count), lambda: False))
        return self.judged(plan, proposals, self.proposer.name)

    def judged(self, plan: ChordPlan, proposals: tuple[Proposal, ...], name: str) -> Dealt:
        """Judge proposals of a proposer and choose."""
        judged = [one for one in self.prior.serve(Judge(plan, proposals, name), lambda: False)
                  if isinstance(one, Judged)]  # fmt: skip
        return Dealt(plan, judged, chosen(judged, plan.cards, plan.seed, plan.m))

    def filled(self, plan: ChordPlan, count: int = PROPOSALS) -> list[Proposal]:
        """Let the prior propose."""
        found = self.prior.serve(Fill(plan, count), lambda: False)
        return [one for one in found if isinstance(one, Proposal)]
