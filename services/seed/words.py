"""Names for made-up artists, albums, songs and people, drawn from short lists by a seeded generator.

Owns the lists. Refuses to know whether a name is taken: names repeat as they do in life.
"""

from __future__ import annotations

from random import Random


def _words(text: str) -> list[str]:
    return text.split()


_ADJECTIVES = _words("""
    amber ancient bitter blue bright broken calm cold copper crooked dark distant double early electric empty
    endless fading fearless final foreign frozen gentle golden green grey hidden hollow honest idle inner iron
    late lazy little lonely loud lost lucky marble midnight modern naked narrow neon open pale patient perfect
    plastic quiet rapid red restless rolling rusty sacred scarlet second secret shallow silent silver simple
    slow soft solar solid stolen strange sudden summer sweet tall tender thirsty tidal tiny velvet violet
    wandering warm wasted white wild winter
""")
_NOUNS = _words("""
    afternoon alley anchor angel animal arrow ash atlas avenue bell bird boat bone bridge brother canyon captain
    carousel castle cathedral chain child circle city cloud coast comet corner crown dancer daughter desert
    diamond door dream echo engine evening eye fable field fire flood flower forest fountain friend garden ghost
    giant glass harbour heart highway hill horizon horse house hunter island jungle key kingdom ladder lake
    lantern letter light lion machine map market mirror monument moon morning mountain night north ocean orchard
    paper parade party piano pilot planet poet prayer queen radio rain river road room rose sailor satellite sea
    season shadow ship signal sister sky snow soldier song spring stairs star station stone storm story stranger
    street sun thunder tide tiger tower town train valley wave weather whisper window wolf wood world year
""")
_VERBS = _words("""
    believe break breathe burn call carry chase climb come dance drift drive fall fight find fly follow forget
    give hold keep kiss know leave listen live lose love meet move need play pray remember run sail save shine
    sing sleep smile stay stop take talk turn wait wake walk want wonder work
""")
_FIRST = _words("""
    Ada Aino Akira Amara Ana Anders Anya Arjun Astrid Ayo Bea Bruno Camille Chen Clara Dani Diego Edda Eli Elif
    Emeka Esther Fatima Felix Freya Gael Greta Hana Hugo Ines Ingrid Isla Ivan Jun Kai Kofi Lars Leila Lena Luca
    Lucia Maja Malik Mara Mateo Mei Milo Mira Nadia Nils Noor Olga Omar Otto Paulo Petra Priya Rafael Ravi Rosa
    Sami Sana Sofia Sven Tariq Tess Theo Tomas Uma Vera Viktor Wanda Yara Yuki Zoe
""")
_LAST = _words("""
    Adeyemi Ahmed Almeida Andersson Bauer Becker Berg Bianchi Castro Chen Costa Dahl Diaz Dubois Eriksen Faber
    Ferrari Fischer Fontaine Garcia Haas Haddad Hansen Hoffmann Ito Ivanova Jansen Johansson Kaya Keita Khan Kim
    Kowalski Kumar Laine Lambert Lehmann Lopez Marino Mbeki Meyer Moreau Nakamura Nguyen Novak Okafor Olsen Park
    Patel Petrov Rossi Santos Sato Schmidt Silva Singh Sorensen Takahashi Torres Virtanen Wagner Weber Yilmaz
    Zhang
""")

GENRES: tuple[tuple[str, tuple[str, ...]], ...] = (
    ("Rock", ("Indie", "Alternative", "Post-Rock", "Punk", "Psychedelic Rock", "Shoegaze")),
    ("Electronic", ("House", "Techno", "Ambient", "Drum and Bass", "Synthwave", "Downtempo")),
    ("Jazz", ("Bebop", "Fusion", "Swing", "Cool Jazz")),
    ("Pop", ("Synth Pop", "Dream Pop", "Power Pop", "Chamber Pop")),
    ("Hip Hop", ("Boom Bap", "Trap", "Instrumental Hip Hop")),
    ("Classical", ("Baroque", "Romantic", "Minimalism", "Opera")),
    ("Folk", ("Singer-Songwriter", "Americana", "Celtic")),
    ("Metal", ("Doom Metal", "Black Metal", "Thrash Metal")),
    ("Soul", ("Funk", "Neo Soul", "Motown")),
    ("World", ("Afrobeat", "Bossa Nova", "Cumbia", "Fado")),
)

COUNTRIES = ("AR", "AU", "BR", "CA", "DE", "DK", "ES", "FI", "FR", "GB", "IN", "IT", "JP", "KR", "MX", "NG", "NO", "PL",
             "PT", "SE", "TR", "US", "ZA")  # fmt: skip
MOODS = ("calm", "dark", "dreamy", "energetic", "happy", "melancholic", "romantic", "tense")
LANGUAGES = ("de", "en", "en", "en", "en", "es", "fr", "ja", "pt", "sv")
KEYS = tuple(f"{note} {mode}" for note in _words("C D E F G A B C# Eb F# Ab Bb") for mode in ("major", "minor"))


def artist_name(random: Random) -> str:
    """A band or a person."""
    kind = random.random()
    if kind < 0.4:
        return f"{random.choice(_FIRST)} {random.choice(_LAST)}"
    words = f"{random.choice(_ADJECTIVES)} {random.choice(_NOUNS)}".title()
    return f"The {words}s" if kind < 0.6 else words


def title(random: Random) -> str:
    """A song or an album."""
    kind = random.random()
    if kind < 0.3:
        return f"{random.choice(_ADJECTIVES)} {random.choice(_NOUNS)}".title()
    if kind < 0.5:
        return f"{random.choice(_VERBS)} the {random.choice(_NOUNS)}".capitalize()
    if kind < 0.7:
        return f"{random.choice(_NOUNS)} of the {random.choice(_ADJECTIVES)} {random.choice(_NOUNS)}".capitalize()
    if kind < 0.85:
        return f"{random.choice(_VERBS)} me, {random.choice(_NOUNS)}".capitalize()
    return random.choice(_NOUNS).capitalize()


def playlist_name(random: Random) -> str:
    """What somebody calls a list of songs."""
    return f"{random.choice(_ADJECTIVES)} {random.choice(_NOUNS)}s".capitalize()


def person(random: Random) -> tuple[str, str]:
    """First and last name."""
    return random.choice(_FIRST), random.choice(_LAST)
