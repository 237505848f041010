"""What a citizen reads of a look at their data, at the issuer and at the national portal, is in words.

The three services share no code, so each keeps words of its own for the registry's codes; here all are held together.
"""

import tomllib

import pytest

from clients.portal_kit.words import Words
from idp.pages.history import field_names
from tests.house.tree import ROOT
from web import Language, Texts
from web.texts import read_catalogue

CATALOGUE = ROOT / "population_registry" / "catalogue"
PROCEDURES = [
    each
    for path in sorted(CATALOGUE.glob("*.toml"))
    for each in tomllib.loads(path.read_text(encoding="utf-8")).get("procedure", [])
]
FIELDS = sorted(
    {name for each in PROCEDURES for name in (*each.get("verifiable", ()), *each.get("releasable", ()))}
)
CLIENTS = sorted({client for each in PROCEDURES for client in each["clients"]})
ISSUER, PORTALS = ROOT / "idp" / "locale", ROOT / "clients" / "portal_kit" / "locale"


@pytest.mark.parametrize("locale", [ISSUER, PORTALS], ids=["issuer", "portals"])
def test_every_procedure_and_field_of_the_registry_has_a_name(locale):
    """Law 91/2025, Art. 4: the right to know; nobody knows by a code."""
    ids = read_catalogue(locale / "vi.po")
    field = "detail.claim." if locale == ISSUER else "registry_field."
    assert [each["code"] for each in PROCEDURES if f"procedure.{each['code']}" not in ids] == []
    assert [name for name in FIELDS if field + name not in ids] == []


def test_every_party_that_may_ask_has_a_name():
    """Who looked is a name on the portals; the issuer takes it from the client's own registration."""
    ids = read_catalogue(PORTALS / "vi.po")
    assert [each for each in CLIENTS if f"client.{each}" not in ids] == []


def test_checks_without_a_word_are_one_line_and_never_a_code():
    """The checks of a dossier are logged by code; what has no word of its own is said once, as a condition."""
    looks = {"name": "verified", "leader_role": "verified", "old_household": "verified"}
    issuer, portals = Texts(Language.VI, (ISSUER,)), Texts(Language.VI, (PORTALS,))
    assert field_names(looks, issuer) == ["Họ và tên", "Điều kiện khác của thủ tục"]
    assert list(Words(portals).looks(looks)) == [
        ("Họ, chữ đệm và tên", "verified"),
        ("Điều kiện khác của thủ tục", "verified"),
    ]


def test_every_right_over_the_registry_is_explained_before_it_is_given():
    """The consent page has a name and a reason for each scope of the registry that a client of ours asks for."""
    ids = read_catalogue(ISSUER / "vi.po")
    asked = {
        scope
        for path in (ROOT / "clients" / "manifests").glob("*.toml")
        for scope in tomllib.loads(path.read_text(encoding="utf-8"))["scopes"]
        if scope.startswith("registry:")
    }
    assert asked
    assert [each for each in sorted(asked) if f"consent.{each}.name" not in ids] == []
    assert [each for each in sorted(asked) if f"consent.{each}.why" not in ids] == []
