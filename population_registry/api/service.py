"""What one process of the registry holds, found by every route."""

from dataclasses import dataclass

from starlette.requests import Request

from population_registry.api.answering import Answering
from population_registry.api.bearer import TokenGate
from population_registry.api.card_trust import CardTrust
from population_registry.api.catalogues import PublishedCatalogue
from population_registry.api.checking import PaperChecks
from population_registry.api.confirming import Confirming
from population_registry.api.counting import Statistics
from population_registry.api.dossiers.desk import Desk
from population_registry.api.pressing import PaperPress
from population_registry.api.references import References
from population_registry.api.searching import Searching
from population_registry.api.status_lists import StatusLists
from population_registry.batch.jobs import Limits
from population_registry.storage.log_tree import LogTree


@dataclass(frozen=True, slots=True)
class Service:
    """The parts that requests share."""

    gate: TokenGate
    answering: Answering
    references: References
    published: PublishedCatalogue
    status_lists: StatusLists
    cards: CardTrust
    batches: Limits
    confirming: Confirming
    paper_checks: PaperChecks
    paper_press: PaperPress
    forwarded_hops: int
    desk: Desk
    searching: Searching
    log_tree: LogTree
    statistics: Statistics


def service_of(request: Request) -> Service:
    """The service of the application that a request came to."""
    found: Service = request.app.state.service
    return found
