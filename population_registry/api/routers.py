"""Every part of the API that the framework serves; the order is the one of the documentation."""

from typing import Final

from population_registry.api.access_log import router as access_log_router
from population_registry.api.access_reviews import router as reviews_router
from population_registry.api.addresses import router as addresses_router
from population_registry.api.batch_corrections import router as corrections_router
from population_registry.api.batch_ordering import router as batch_order_router
from population_registry.api.batches import router as batches_router
from population_registry.api.catalogues import router as catalogue_router
from population_registry.api.check_ins import router as check_ins_router
from population_registry.api.confirmations import router as confirmations_router
from population_registry.api.documents import router as documents_router
from population_registry.api.dossiers.paper_routes import router as act_papers_router
from population_registry.api.dossiers.routes import router as dossiers_router
from population_registry.api.dossiers.synchronising import router as synchronising_router
from population_registry.api.log_heads import router as log_heads_router
from population_registry.api.lookups import router as lookups_router
from population_registry.api.misuse_reports import router as misuse_router
from population_registry.api.routes import router as exploring_router
from population_registry.api.searches import router as searches_router
from population_registry.api.social_matches import router as social_router
from population_registry.api.statistics import router as statistics_router
from population_registry.api.status_lists import router as status_router

ROUTERS: Final = (
    exploring_router,
    documents_router,
    lookups_router,
    check_ins_router,
    social_router,
    addresses_router,
    catalogue_router,
    status_router,
    batch_order_router,
    batches_router,
    dossiers_router,
    act_papers_router,
    synchronising_router,
    corrections_router,
    confirmations_router,
    access_log_router,
    log_heads_router,
    searches_router,
    reviews_router,
    statistics_router,
    misuse_router,
)
