"""Every text exists in both languages, is used, and asks for the same values; in every package of the house."""

from pathlib import Path

import pytest
from babel.messages.pofile import read_po

from tests.web.gallery.app import create_app
from tests.web.text_use import Use, use_of
from web import Language, MissingText, Texts
from web.problems import SLUGS
from web.texts import PLACEHOLDER, read_catalogue

ROOT = Path(__file__).parents[2]
HOUSES = ("web", "idp", "population_registry", "clients", "demo", "tests/web/gallery")
LOCALES = sorted(
    path.parent for house in HOUSES for path in (ROOT / house).rglob("locale/*.po") if path.stem == "vi"
)
SHOWN = [path.relative_to(ROOT).as_posix() for path in LOCALES]


def house_of(locale: Path) -> Path:
    """The top folder whose templates and code may use a catalogue."""
    return next(ROOT / house for house in reversed(HOUSES) if locale.is_relative_to(ROOT / house))


def known(house: Path) -> set[str]:
    """Every id that a house's pages can show: its own catalogues and those of `web`."""
    locales = [locale for locale in LOCALES if locale.is_relative_to(house)] + [ROOT / "web" / "locale"]
    return {key for locale in locales for key in read_catalogue(locale / "vi.po")}


@pytest.mark.parametrize("locale", LOCALES, ids=SHOWN)
def test_both_languages_hold_the_same_texts(locale: Path) -> None:
    """No text is missing on either side or empty."""
    vi, en = (read_catalogue(locale / f"{language}.po") for language in Language)
    assert vi.keys() == en.keys()
    for catalogue in (vi, en):
        assert [key for key, forms in catalogue.items() if not all(form.strip() for form in forms)] == []


@pytest.mark.parametrize("locale", LOCALES, ids=SHOWN)
def test_both_languages_ask_for_the_same_values(locale: Path) -> None:
    """The placeholders of a text agree, and no brace is left over that is none."""
    vi, en = (read_catalogue(locale / f"{language}.po") for language in Language)
    for key, forms in vi.items():
        names = [set(PLACEHOLDER.findall(form)) for form in (*forms, *en[key])]
        assert all(each == names[0] for each in names), key
        assert not any(set("{}") & set(PLACEHOLDER.sub("", form)) for form in (*forms, *en[key])), key


@pytest.mark.parametrize("locale", LOCALES, ids=SHOWN)
def test_catalogues_are_in_order(locale: Path) -> None:
    """No id twice, nothing fuzzy or obsolete, English with two plural forms and Vietnamese with one."""
    for language, forms in ((Language.VI, 1), (Language.EN, 2)):
        path = locale / f"{language}.po"
        lines = path.read_text(encoding="utf-8").splitlines()
        ids = [line for line in lines if line.startswith("msgid ")]
        assert len(ids) == len(set(ids)), {each for each in ids if ids.count(each) > 1}
        assert not any(line.startswith(("#~", "#, fuzzy")) for line in lines)
        with path.open("rb") as source:
            catalogue = read_po(source)
        assert all(len(message.string) == forms for message in catalogue if message.pluralizable), path


@pytest.mark.parametrize("house", HOUSES)
def test_no_text_is_missing(house: str) -> None:
    """What a template or module asks for by name is in a catalogue of its house or of `web`."""
    exists = known(ROOT / house)
    missing = {key: place for key, place in use_of(ROOT / house).asked.items() if key not in exists}
    assert missing == {}


@pytest.mark.parametrize("locale", LOCALES, ids=SHOWN)
def test_no_text_is_stale(locale: Path) -> None:
    """Every text is asked for, named, or begins like an id made at run time, somewhere in its house."""
    use = use_of(house_of(locale))
    if house_of(locale) == ROOT / "web":
        use = use_of_all() | Use(starts={f"problem.{slug}." for slug in SLUGS.values()})
    assert [key for key in read_catalogue(locale / "vi.po") if not use.uses(key)] == []


def use_of_all() -> Use:
    """What all houses use together: the texts of `web` serve them all."""
    together = Use()
    for house in HOUSES:
        together |= use_of(ROOT / house)
    together.starts = {start for start in together.starts if start != "problem."}
    return together


def test_every_status_has_a_title_and_a_sentence() -> None:
    """A refusal of any kind finds its words."""
    exists = known(ROOT / "web")
    assert {f"problem.{slug}.{part}" for slug in SLUGS.values() for part in ("title", "detail")} <= exists


def test_a_text_marked_html_escapes_its_values() -> None:
    """Mark-up may stand in the catalogue, never come in through a value."""
    texts = Texts(Language.EN, [ROOT / "tests/web/gallery/locale"])
    assert texts.t("gallery.safe_html", who="<b>&") == "Hello <strong>&lt;b&gt;&amp;</strong>"


def test_counting() -> None:
    """English counts one and many; Vietnamese does not inflect."""
    vi, en = (Texts(language, [ROOT / "tests/web/gallery/locale"]) for language in Language)
    assert [en.n("gallery.dossiers", count) for count in (0, 1, 2)] == [
        "0 dossiers",
        "1 dossier",
        "2 dossiers",
    ]
    assert [vi.n("gallery.dossiers", count) for count in (1, 2)] == ["1 hồ sơ", "2 hồ sơ"]


def test_an_unknown_text_is_an_error_in_tests_and_a_word_in_production() -> None:
    """Strict catalogues raise; lenient ones show the id, because a page with one odd word beats none."""
    with pytest.raises(MissingText):
        Texts(Language.VI, []).t("no.such")
    assert Texts(Language.VI, [], strict=False).t("no.such") == "no.such"


def test_production_is_lenient_with_words_and_the_demo_is_not() -> None:
    """`install` decides by the mode of the service."""
    safe = {"SESSION_SECRET": "s" * 40, "DINHDANH_MODE": "production"}
    assert create_app("https://id.example.vn", **safe).state.web.pages.texts[Language.VI].strict is False
    assert create_app().state.web.pages.texts[Language.VI].strict is True
