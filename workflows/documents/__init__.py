"""Files of a dossier: kept by the hash of their bytes, described by facts."""
