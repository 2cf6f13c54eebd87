"""Emulation campaigns: legal bases, milestones, criteria groups, guidance letters and award rounds."""
