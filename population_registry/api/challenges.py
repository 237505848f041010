"""The WWW-Authenticate challenges of the registry.

https://www.rfc-editor.org/rfc/rfc6750 (section 3), https://www.rfc-editor.org/rfc/rfc9449 (section 7.1),
https://www.rfc-editor.org/rfc/rfc9470 (section 3), https://www.rfc-editor.org/rfc/rfc9728 (section 5.1).
"""

from dataclasses import dataclass
from typing import Final

from keys.proof import DPOP_ALGORITHMS, ProofRefused, Scheme
from population_registry.verification.refusals import Refusal, RefusalCode

REALM: Final = "population-registry"
ALGORITHMS: Final = " ".join(sorted(DPOP_ALGORITHMS))


@dataclass(frozen=True, slots=True)
class Challenges:
    """Challenges that name the metadata of this resource."""

    metadata_url: str
    resource: str

    def missing(self) -> str:
        """Without credentials no error is named (RFC 6750 section 3.1); both schemes are offered."""
        return f"{self._challenge(Scheme.BEARER)}, {self._challenge(Scheme.DPOP)}"

    def token(self, scheme: Scheme) -> str:
        """A token that cannot be used. Who came with Bearer learns of DPoP too: the token may be bound."""
        said = self._challenge(scheme, error="invalid_token")
        return said if scheme is Scheme.DPOP else f"{said}, {self._challenge(Scheme.DPOP)}"

    def proof(self, refused: ProofRefused, scheme: Scheme) -> str:
        """A proof of possession that does not hold (RFC 9449 section 7.1, figure 16)."""
        return self._challenge(scheme, error=refused.code, error_description=refused.description)

    def refusal(self, refusal: Refusal, scheme: Scheme) -> str | None:
        """The challenge of a question that another token could ask; None when no token could."""
        if refusal.code is RefusalCode.INSUFFICIENT_SCOPE:
            return self._challenge(scheme, error="insufficient_scope", scope=refusal.wanted or "")
        if refusal.code is RefusalCode.INSUFFICIENT_AUTHENTICATION:
            # RFC 9470 section 3: the client takes the person back to the provider with these parameters.
            wanted = {} if refusal.wanted is None else {"acr_values": refusal.wanted}
            if refusal.max_age is not None:
                wanted["max_age"] = str(refusal.max_age)
            return self._challenge(scheme, error="insufficient_user_authentication", **wanted)
        return None

    def _challenge(self, scheme: Scheme, **parameters: str) -> str:
        said = {"realm": REALM, **parameters}
        if scheme is Scheme.DPOP:
            said["algs"] = ALGORITHMS
        # RFC 9728 section 5.1: "The resource_metadata parameter ... can be used with any authentication scheme".
        said["resource_metadata"] = self.metadata_url
        return f"{scheme.value} " + ", ".join(f'{name}="{value}"' for name, value in said.items())
