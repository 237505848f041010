"""The first page of the insurance portal, and what can be filed here."""

from typing import Final

from clients.insurance_portal import card_correction, child_card, household_insurance, own_card
from clients.portal_kit.fronts import RECEIPT, Group, Tool, front_router

PROCEDURES: Final = (household_insurance.PROCEDURE, child_card.PROCEDURE, card_correction.PROCEDURE)
router = front_router(
    "insurance.front_title",
    "insurance.front_lead",
    (Group("insurance.group", PROCEDURES),),
    (Tool(own_card.PATH, "own_card.title", "insurance.card_own"), RECEIPT),
)
