// What the machine shows of the song, and its media keys. Owns navigator.mediaSession; texts and pictures come from the
// owner: describe(item) → { title, artist, album, artwork: [{ src, sizes, type }] }. Returns a function that ends it.
const STEP_MS = 10_000;

export function createMediaSession(sound, describe, session = globalThis.navigator?.mediaSession) {
  if (!session) return () => {};
  const step = (by) => sound.seek(Math.max(0, sound.positionMs() + by));
  const keys = {
    play: () => sound.play(),
    pause: () => sound.pause(),
    stop: () => sound.stop(),
    nexttrack: () => sound.next(),
    previoustrack: () => sound.previous(),
    seekbackward: ({ seekOffset }) => step(-(seekOffset ? seekOffset * 1000 : STEP_MS)),
    seekforward: ({ seekOffset }) => step(seekOffset ? seekOffset * 1000 : STEP_MS),
    seekto: ({ seekTime }) => sound.seek(seekTime * 1000),
  };
  for (const [name, act] of Object.entries(keys)) {
    // Browsers know different keys, and say so by throwing.
    try { session.setActionHandler(name, act); } catch { /* not on this machine */ }
  }
  const place = () => {
    const { item } = sound;
    if (!item || !session.setPositionState) return;
    const duration = item.durationMs / 1000, position = Math.min(duration, Math.max(0, sound.positionMs() / 1000));
    session.setPositionState({ duration, position, playbackRate: sound.rate });
  };
  const show = ({ item }) => {
    session.metadata = item ? new MediaMetadata(describe(item)) : null;
    place();
  };
  const tell = ({ state }) => {
    session.playbackState = { playing: 'playing', waiting: 'playing', paused: 'paused' }[state] ?? 'none';
    place();
  };
  const offs = [sound.on('item', show), sound.on('state', tell)];
  if (sound.item) show({ item: sound.item });
  tell({ state: sound.state });
  return () => {
    offs.forEach((off) => off());
    for (const name of Object.keys(keys)) try { session.setActionHandler(name, null); } catch { /* as above */ }
    session.metadata = null;
    session.playbackState = 'none';
  };
}
