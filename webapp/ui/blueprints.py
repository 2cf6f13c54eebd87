"""All pages of the shell."""

from webapp.auth import pages as auth
from webapp.ui import health, language, queue, tasks

BLUEPRINTS = (health.bp, auth.bp, language.bp, queue.bp, tasks.bp)
