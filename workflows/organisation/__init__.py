"""Who is who on which day: units, people, posts, roles, delegations, family relations."""
