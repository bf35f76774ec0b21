"""Function words of six languages: what denies, softens, means music, tells a language.

Tables only. A denial reaches over the next few words of its clause; idioms that deny nothing
("not only", "no matter") are named.
"""

from __future__ import annotations

REACH = 3
"""Words after a denial that it can reach, function words not counted."""


def _set(words: str) -> frozenset[str]:
    return frozenset(words.split())


DENIALS = _set(
    "not no nothing nichts rien niente without never nor neither cannot isn't aren't "
    "wasn't weren't don't doesn't didn't won't shouldn't can't isnt arent dont doesnt "
    "didnt wont cant avoid avoiding minus lacks lacking nicht kein keine keinen keinem "
    "keiner keines ohne nie niemals weder pas sans jamais aucun aucune ni sin nunca jamás "
    "nada non senza mai né nessun nessuna não sem jamais nenhum nenhuma nem"
)
"""Words that deny what follows."""

DOUBLES = frozenset({"without", "ohne", "sans", "sin", "senza", "sem"})
"""What undoes a denial right before it."""

IDIOMS = frozenset(
    tuple(idiom.split())
    for idiom in (
        "not only",
        "not just",
        "not merely",
        "not to mention",
        "nothing but",
        "no matter",
        "no doubt",
        "no wonder",
        "nicht nur",
        "pas seulement",
        "pas que",
        "no solo",
        "no sólo",
        "sin duda",
        "sans doute",
        "non solo",
        "senza dubbio",
        "não só",
        "não apenas",
        "sem dúvida",
    )
)
"""Denials that deny nothing."""

PHRASES = frozenset(
    tuple(phrase.split())
    for phrase in (
        "anything but", "free of", "rather than", "instead of", "far from", "statt", "anstatt",
        "au lieu de", "en vez de", "invece di", "em vez de", "keine spur von",
    )
)  # fmt: skip
"""Several words that deny what follows."""

CUES = _set(
    "music song songs track tracks tune tunes style styled vibe vibes feel groove beat "
    "beats loop loops section part chord chords progression key riff band genre sound "
    "sounds bpm musik lied musique chanson música canción canzone canção"
)
"""Words that say that music is meant."""

TURNS = _set(
    "but yet instead just only rather however although aber sondern doch mais plutôt sino "
    "pero ma bensì mas porém"
)
"""Words that end the reach of a denial; so does punctuation."""

LISTING = _set("or and nor und oder et ou y o e ed ni né nem weder noch")
"""Words that carry a denial on to the next word."""

LISTED = _set("no without ohne kein keine keinen keinem keiner sans sin senza sem")
"""Denials that a whole list may follow, commas and all, up to one of ALTERNATIVES."""

ALTERNATIVES = _set("or nor oder noch ou ni o né nem")

SOFTENERS = frozenset(
    tuple(softener.split())
    for softener in (
        "slightly", "somewhat", "a bit", "a little", "kind of", "sort of", "a hint of",
        "a touch of", "leicht", "etwas", "ein bisschen", "ein wenig", "un peu", "légèrement",
        "un poco", "algo", "un po", "un po'", "leggermente", "um pouco", "ligeiramente",
    )
)  # fmt: skip
"""What makes the next word weigh half."""

COMMON = {
    "en": "the a an is are was were of to and in on at with for my your his her it that this i "
    "you we they he she not be have has had from by as so but like when what very",
    "de": "der die das und ist nicht ein eine einen einem einer mit für von den dem des ich du "
    "wir ihr sie es im am zu auf wie aber sehr auch noch über nach bei oder mein meine",
    "fr": "le la les un une des et est de du pas dans avec pour je tu nous vous il elle mon ma "
    "mes sur au aux très mais comme qui que ne sans plus ce cette",
    "es": "el la los las un una y es de del no en con para por yo tú mi mis muy pero como que "
    "se sin más al este esta su",
    "it": "il lo la gli le un una e è di del della non in con per io tu mio mia molto ma come "
    "che si senza più al alla nel nella",
    "pt": "o a os as um uma e é de do da não em com para por eu tu meu minha muito mas como que "
    "se sem mais no na ao",
}
"""The commonest words of each language."""

FUNCTION_WORDS = {language: frozenset(words.split()) for language, words in COMMON.items()}

NAMES = {
    "de": "German",
    "fr": "French",
    "es": "Spanish",
    "it": "Italian",
    "pt": "Portuguese",
    "ja": "Japanese",
    "ko": "Korean",
    "zh": "Chinese",
}
"""How a language is called in a note."""

# What an adjective or a noun's plural may put in place of its ending, for each language.
ENDINGS: dict[str, tuple[tuple[str, tuple[str, ...]], ...]] = {
    "de": (("e", ("er", "es", "en", "em")), ("", ("e", "er", "es", "en", "em"))),
    "fr": (
        ("eux", ("euse", "euses")),
        ("if", ("ive", "ifs", "ives")),
        ("el", ("elle", "els", "elles")),
        ("al", ("ale", "aux", "ales")),
        ("ien", ("ienne", "iens", "iennes")),
        ("e", ("es",)),
        ("", ("e", "s", "es")),
    ),
    "es": (("o", ("a", "os", "as")), ("a", ("as",)), ("e", ("es",)), ("", ("es", "a", "as"))),
    "it": (
        ("co", ("ca", "ci", "che", "chi")),
        ("go", ("ga", "ghi", "ghe")),
        ("io", ("ia", "i", "ie")),
        ("o", ("a", "i", "e")),
        ("e", ("i",)),
        ("a", ("e",)),
    ),
    "pt": (("o", ("a", "os", "as")), ("a", ("as",)), ("e", ("es",)), ("", ("es", "a", "as"))),
}
"""Rules in order: the first ending that fits is replaced; an empty one adds."""


def forms(word: str, language: str) -> tuple[str, ...]:
    """Return a word with the endings that its language may give it, itself first."""
    if " " in word or len(word) < 4:
        return (word,)
    for ending, others in ENDINGS.get(language, ()):
        if word.endswith(ending):
            stem = word.removesuffix(ending) if ending else word
            return (word, *(stem + other for other in others))
    return (word,)
