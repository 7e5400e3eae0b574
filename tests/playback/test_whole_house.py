"""What was measured of a song is told in its address and in its head, through the house as it is put together."""

import contextlib

from server.composition import open_household
from server.config import load_settings
from services.viewer import SYSTEM
from storage.records.sound_analysis import SoundAnalysis
from tests.catalogue_rig import START
from tests.stream.stage import music


async def test_a_measured_song_carries_its_gain_in_opus_and_plays_as_told(tmp_path):
    folder = tmp_path / "music" / "Ann" / "Sea"
    folder.mkdir(parents=True)
    music(folder / "01 Wave.wav", seconds=2.0)
    settings = load_settings(None, {"TUTTI_STORAGE_DATA_DIR": str(tmp_path / "data")})
    async with open_household(settings) as household:
        await household.importer.run([tmp_path / "music"])
        [song] = await household.store.songs.find({})
        file = await household.store.audio_files.get(song.file_id)
        measured = SoundAnalysis(file.payload_hash, 1, START, duration_ms=2_000, loudness_lufs=-9.5)
        await household.store.sound_analyses.insert(measured)
        house = household.house
        sound = await house.deliveries.open(SYSTEM, song.id, "low", wished="opus")
        async with contextlib.aclosing(sound.read(0, 203)) as chunks:
            head = b"".join([chunk async for chunk in chunks])
        assert b"R128_TRACK_GAIN=-3456" in head
        told = await house.playback.of_song(SYSTEM, song)
        [opus] = [offer for offer in told.offers if offer.name == "opus-64"]
        assert (opus.bytes, opus.gapless) == (sound.target.length, sound.gapless)
        assert house.deliveries.encoder.encoded == 0
