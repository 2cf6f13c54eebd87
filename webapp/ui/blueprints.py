"""All pages of the shell."""

from webapp.auth import pages as auth
from webapp.ui import (
    acts,
    admin,
    attachments,
    audit,
    ballots,
    bulk,
    changes,
    council,
    decisions,
    deputies,
    diagrams,
    drawings,
    files,
    giving,
    health,
    honours,
    incidents,
    language,
    lookup,
    modeller,
    nominations,
    notices,
    operations,
    proposals,
    queue,
    replay,
    reviewed,
    rounds,
    rules,
    tasks,
    versions,
)

BLUEPRINTS = (
    health.bp, auth.bp, language.bp, queue.bp, bulk.bp, tasks.bp, giving.bp, attachments.bp, proposals.bp,
    nominations.bp, rounds.bp, council.bp, ballots.bp, reviewed.bp, decisions.bp, honours.bp, lookup.bp, notices.bp,
    rules.bp, changes.bp, files.bp, diagrams.bp, modeller.bp, drawings.bp, audit.bp, replay.bp, admin.bp, incidents.bp,
    operations.bp, versions.bp, deputies.bp, acts.bp,
)  # fmt: skip
