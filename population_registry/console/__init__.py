"""The operators' console: pages at `/console` for the officers of the police registry.

- `party`: officers sign in through the identity provider, with two factors
- `desk`: who is in front of us, with which errand; every page stands behind it
- `records`: one record, opened for a purpose and a case, logged before it is shown
- `searching`: people of the territory by fragments
- `comparing`: a card beside the record; `emergencies`: records beyond the territory
- `requests`: sensitive fields, asked for by one officer and decided by another
- `dossiers`: what waits for a decision in the territory, with its checks
- `routes`: where each page is
"""
