"""All pages of the shell."""

from webapp.auth import pages as auth
from webapp.ui import (
    acts,
    admin,
    attachments,
    audit,
    ballots,
    changes,
    council,
    decisions,
    diagrams,
    files,
    health,
    honours,
    incidents,
    language,
    lookup,
    modeller,
    nominations,
    notices,
    proposals,
    queue,
    replay,
    rounds,
    rules,
    tasks,
)

BLUEPRINTS = (
    health.bp, auth.bp, language.bp, queue.bp, tasks.bp, attachments.bp, proposals.bp, nominations.bp, rounds.bp,
    council.bp, ballots.bp, decisions.bp, honours.bp, lookup.bp, notices.bp, rules.bp, changes.bp, files.bp,
    diagrams.bp, modeller.bp, audit.bp, replay.bp, admin.bp, incidents.bp, acts.bp,
)  # fmt: skip
