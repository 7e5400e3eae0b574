"""What the house notices by itself: dressed-up words, links, haste, and sounds sent in again; and what it leaves be."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from services.accounts.profiles import ProfileEdit
from services.attention import Attention
from services.errors import Invalid
from services.moderation.deciding import Verdict
from services.moderation.flags.haste import Haste
from services.moderation.flags.rules import FlagRules
from services.moderation.flags.words import BadWordList, count_links, read_word_file, read_words
from services.moderation.policy import Action, ReasonCode, ReportedKind
from services.playlists.making import PlaylistDraft
from services.viewer import SYSTEM, Role
from storage.records.sound_group import SoundGroup, SoundMember
from tests.catalogue_rig import file_of

LIST = read_words(
    """# ours
hate: slur*
ass
cock
sex
dick
spam: buy followers
viagra
spam: casino
"""
)
DRESSED = [
    "You ASS!",
    "v1agra here",
    "V I A G R A",
    "v.i.a.g.r.a",
    "viаgrа with Cyrillic letters",
    "Víágrà",
    "ｖｉａｇｒａ",
    "viagraaaaa",
    "buy followers now",
    "Buy   FOLLOWERS.",
    "buy f0llowers",
    "slurring",
    "$ex",
    "a55",
    "casin0, really",
]
INNOCENT = [
    "Scunthorpe, Essex and Sussex, a class act, cocktails with Dickens, an assassin's bass.",
    "Moby Dickens in 1999: AC/DC, P!nk, Ke$ha, 50 Cent, U2, blink-182, M83.",
    "Recorded in A, B and C minor; 4/4, 120 bpm. A S A P.",
    "Сусанна и снег: русская песня о весне",
    "Buy the followers of this band a drink.",
    "Oh no no nooo, what a soooong!",
    "https://tutti.example.org/album/1",
]


@pytest.mark.parametrize("text", DRESSED)
def test_a_word_is_found_however_it_is_dressed(text):
    assert LIST.find(f"Well, {text} – you know") is not None


@pytest.mark.parametrize("text", INNOCENT)
def test_innocent_words_are_left_alone(text):
    assert LIST.find(text) is None


def test_a_finding_has_its_entry_and_reason():
    assert LIST.find("so: buy followers") == ("buy followers", ReasonCode.SPAM)
    assert LIST.find("slurred") == ("slur*", ReasonCode.HATE)
    assert LIST.find("") is None
    assert read_words("").find("anything") is None


@settings(max_examples=40, deadline=None)
@given(st.text(max_size=400))
def test_no_text_breaks_the_list(text):
    LIST.find(text)
    count_links(text)


@pytest.mark.parametrize("line", ["nonsense: word", "a*", "two words*", "in*side", "x" * 61, "a b c d e f g h i"])
def test_a_bad_list_names_its_line(line):
    with pytest.raises(BadWordList, match="line 2"):
        read_words(f"fine\n{line}\n")


def test_a_list_that_is_not_there_is_told(tmp_path):
    with pytest.raises(BadWordList, match="cannot be read"):
        read_word_file(tmp_path / "none.txt")


async def cases(music):
    """What was opened, by kind, with the house's notes."""
    found = await music.store.moderation_cases.find({}, sort=[("opened_at", 1)])
    return [(case.kind, case.origin, case.reasons, [note.text for note in case.notes]) for case in found]


@pytest.fixture
def looks_for(music):
    """The house with our word list and small rates."""
    watch = music.house.moderation_watch

    def change(**rules):
        watch._rules = FlagRules(words=LIST, **rules)
        watch._haste = Haste(music.clock, watch._rules.hourly, watch._rules.new_account, watch._joined)

    change()
    return change


async def test_what_is_written_opens_a_case_beside_the_request(music, looks_for):
    ann = await music.sign_up("ann")
    watch = music.house.moderation_watch
    await music.house.reviews.add(ann, song_id="s1", rating=1, comment="Buy followers at www.a.com")
    await music.house.playlist_making.create(ann, PlaylistDraft("casin0"))
    await music.house.playlist_making.create(ann, PlaylistDraft("casino", is_public=False))
    room = await music.house.rooms.create(ann, "Kitchen")
    await music.house.room_acts.say(ann, room.id, "You a$$!")
    await music.house.profiles.update(ann, ProfileEdit(bio=" ".join(f"https://a{n}.com" for n in range(4))))
    await music.house.artist_edits.update(SYSTEM, "anna", bio="Play at my casin0.")
    await music.house.song_edits.update(SYSTEM, "s1", title="Sex on the beach")
    await watch.settled()
    auto = "automatic"
    assert await cases(music) == [
        ("review", auto, ["spam"], ["The word list has: buy followers"]),
        ("playlist", auto, ["spam"], ["The word list has: casino"]),
        ("room_message", auto, ["harassment"], ["The word list has: ass"]),
        ("user", auto, ["spam"], ["4 links in one text."]),
        ("artist", auto, ["spam"], ["The word list has: casino"]),
    ]


async def test_a_flag_joins_the_open_case_and_is_not_raised_again_once_dismissed(music, looks_for):
    ann, bob = await music.sign_up("ann"), await music.sign_up("bob")
    moe = await music.sign_up("moe", Role.MODERATOR)
    review = await music.house.reviews.add(ann, song_id="s1", rating=1, comment="Fine")
    reported = await music.house.reports.report(bob, ReportedKind.REVIEW, review.id, ReasonCode.HARASSMENT)
    await music.house.reviews.update(ann, review.id, comment="Buy followers")
    await music.house.moderation_watch.settled()
    [case] = await music.store.moderation_cases.find({})
    assert (case.id, case.origin, case.report_count) == (reported.case.id, "reported", 1)
    assert [len(case.evidence), case.reasons] == [2, ["harassment", "spam"]]
    await music.house.deciding.decide(moe, case.id, Verdict([Action.DISMISS]))
    await music.house.reviews.update(ann, review.id, comment="Buy followers, I said")
    await music.house.moderation_watch.settled()
    assert await music.store.moderation_cases.count({}) == 1


async def test_haste_opens_one_case_a_day_and_new_accounts_have_less(music, looks_for):
    looks_for(hourly={"playlist": 8})
    ann = await music.sign_up("ann")
    for number in range(4):
        await music.house.playlist_making.create(ann, PlaylistDraft(f"List {number}"))
    await music.house.moderation_watch.settled()
    assert await cases(music) == [
        ("user", "automatic", ["spam"], ["More than 2 playlists in an hour by a new account (2026-06-01)."])
    ]
    await music.store.moderation_cases.delete({}, many=True)
    music.clock.turn(30 * 86_400)
    for number in range(9):
        await music.house.playlist_making.create(ann, PlaylistDraft(f"More {number}"))
    await music.house.moderation_watch.settled()
    assert [notes for *_, notes in await cases(music)] == [["More than 8 playlists in an hour (2026-07-01)."]]


async def test_words_are_refused_only_where_the_house_says_so(music):
    strict = Attention(lambda text: LIST.find(text) is not None)
    ann = await music.sign_up("ann")
    reviews = music.house.reviews
    reviews._attention = strict
    with pytest.raises(Invalid) as refused:
        await reviews.add(ann, song_id="s1", rating=1, comment="You ass")
    assert (refused.value.reason, refused.value.field) == ("WORDS_REFUSED", "comment")
    assert await music.store.reviews.count({}) == 0
    assert (await reviews.add(ann, song_id="s1", rating=1, comment="Class")).comment == "Class"


async def test_a_sound_that_another_artist_has_already_opens_a_case(music):
    await music.store.songs.update({"_id": "b1"}, {"$set": {"created_at": music.clock.now()}})
    for song, sent in (("s1", None), ("b1", "a" * 64)):
        await music.store.audio_files.insert(file_of(song, payload_hash=f"sound of {song}", sha256=sent))
    members = [SoundMember("sound of s1"), SoundMember("sound of b1", "sound of s1", share=0.97)]
    group = SoundGroup("g", music.clock.now(), members, ["sound of s1", "sound of b1"], 2, True)
    await music.store.sound_groups.insert(group)
    assert await music.house.same_sounds.look() == 1
    [case] = await music.store.moderation_cases.find({})
    assert (case.kind, case.target_id, case.reasons) == ("song", "b1", ["duplicate"])
    assert await music.house.same_sounds.look() == 0
