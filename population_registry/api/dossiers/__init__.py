"""`/v1/dossiers`: the registry as the residence authority's system of record, for citizens, portals and officers."""
