"""Relying parties: outsiders that know the addresses of provider and registry, and nothing of their code.

``relying_party`` signs people in with any OpenID Connect provider, ``receipts`` checks the registry's signed
receipts offline, ``portal_kit`` is what the portals share; each portal is a package of its own.
"""
