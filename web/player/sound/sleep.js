// The sleep timer: the sound fades out after so many minutes, or stops at the end of the song. Owns the timer.
//   const sleep = createSleep(sound);  sleep.after(minutes)  sleep.atEndOfSong()  sleep.cancel()
//   sleep.leftMs() until it is quiet, null where it is not set or goes by the song  sleep.mode null | 'minutes' | 'song'
const FADE_MS = 10_000;

export function createSleep(sound, { fadeMs = FADE_MS, now = () => performance.now(), hear = () => {} } = {}) {
  let timer = null, endsMs = null, mode = null, off = null;
  const clear = () => {
    clearTimeout(timer);
    off?.();
    timer = endsMs = mode = off = null;
  };
  const done = async (fade) => {
    clear();
    await sound.fadeOut(fade);
    hear();
  };
  return {
    after(minutes) {
      clear();
      mode = 'minutes';
      endsMs = now() + minutes * 60_000;
      // A machine that slept has a timer that is late: the fade is then as long as is left, at least a breath.
      timer = setTimeout(() => done(Math.min(fadeMs, minutes * 60_000)), Math.max(0, minutes * 60_000 - fadeMs));
    },
    atEndOfSong() {
      clear();
      mode = 'song';
      const key = sound.item?.key;
      // Nothing is laid behind the song, so that it ends by itself to its last sample. Who cancels gives the rest again.
      sound.replaceNext([]);
      sound.repeatOne = false;
      const quit = ({ item, before }) => { if (item?.key !== key || before?.key === key) { clear(); hear(); } };
      const offs = [sound.on('ended', quit), sound.on('item', ({ before }) => { if (before) quit({ item: null, before }); })];
      off = () => offs.forEach((each) => each());
    },
    cancel() { clear(); },
    leftMs: () => (endsMs === null ? null : Math.max(0, endsMs - now())),
    get mode() { return mode; },
  };
}
