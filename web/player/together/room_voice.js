// The room's sound on the Web Audio clock: each song begins at its moment to the sample, is held there by a speed that
// nobody hears, and the next one lies behind it. The same interface as `RoomSound`, which guests hear.
import { positionMs } from '../../timing/clock.js';
import { NOTHING, correction } from '../../timing/correction.js';
import { createSound } from '../sound/sound.js';

const LOOK_MS = 100, SETTLE_MS = 400, LEAD_MS = 120, ENOUGH_MS = 500, JOINT_MS = 250, LATE_WORD_MS = 1500;
const GESTURES = ['pointerup', 'keydown'];

export class RoomVoice {
  // `clock` knows the house's time; `address` resolves to where an item's sound is; `ready` is told once it is there.
  constructor(clock, { address, ready }) {
    Object.assign(this, { clock, ready, room: null, step: NOTHING, skewMs: null, until: 0, starting: false, told: new Set(), broken: new Set() });
    this.sound = createSound({ addressOf: async ({ key }, { format }) => {
      const url = new URL(await address(key), location.origin);
      if (format) url.searchParams.set('format', format);
      if (url.searchParams.get('quality') === 'lossless') url.searchParams.set('quality', 'high');
      return { url: url.pathname + url.search };
    } });
    this.sound.crossfadeMs = 0;
    this.sound.on('problem', ({ item }) => this.broken.add(item.key));
    this.timer = setInterval(() => this.look(), LOOK_MS);
    // A page that was loaded anew may not sound before somebody has done something on it.
    this.wake = () => { if (this.blocked) this.sound.output?.resume(); };
    for (const gesture of GESTURES) addEventListener(gesture, this.wake, true);
  }

  // Whether the browser waits for a gesture.
  get blocked() { return this.sound.waits === 'gesture'; }

  stop() {
    clearInterval(this.timer);
    for (const gesture of GESTURES) removeEventListener(gesture, this.wake, true);
    this.sound.close();
  }

  loudness(part) { this.sound.volume = part; }

  // Milliseconds of the song that should be heard now; null while nothing plays.
  wantedMs() {
    const anchor = this.room?.anchor;
    if (!anchor || !this.clock.filter.known) return null;
    const now = this.clock.timeMs();
    return anchor.playing && now >= anchor.atMs ? positionMs(anchor, now) : null;
  }

  // When it is that time of the house, by performance.now().
  here(houseMs) { return performance.now() + houseMs - this.clock.timeMs(); }

  // The room changed: its song is held, and the next one behind it.
  show(room, items) {
    const before = this.room?.anchor, { anchor } = room;
    this.room = room;
    const [item, next] = items.filter((each) => each && each.songId && !each.gone && !this.broken.has(each.id))
      .slice(0, 2).map(({ id, songId, durationMs }) => ({ key: id, songId, durationMs, gainDb: 0, next: null }));
    const holds = item?.key === room.currentItemId;
    if (!holds) { this.held = null; this.sound.stop(); this.skewMs = null; return; }
    this.held = item.key;
    const { sound } = this, place = sound.items.findIndex(({ key }) => key === item.key);
    if (place < 0) sound.line([item, ...(next ? [next] : [])], 0, { atMs: anchor.positionMs, play: false });
    // It went over into the next one by itself, or will be told to.
    else sound.items = [...sound.items.slice(0, place + 1), ...(next ? [next] : [])];
    if (place === sound.index && place >= 0) sound.replaceNext(next ? [next] : []);
    this.told = new Set([...this.told].filter((key) => key === item.key || key === next?.key));
    const moved = !before || before.atMs !== anchor.atMs || before.positionMs !== anchor.positionMs || before.playing !== anchor.playing;
    if (moved) { this.step = NOTHING; this.until = 0; }
    this.look();
  }

  look() {
    const { room, sound } = this;
    if (!room || !this.held || !this.clock.filter.known) return;
    const { anchor } = room;
    this.tellReady();
    if (!anchor.playing) { this.pauseAt(anchor); return; }
    if (this.starting) return;
    const item = sound.items.find(({ key }) => key === this.held), now = this.clock.timeMs();
    if (this.goesOver(anchor, now)) return;
    if (sound.item?.key !== this.held || !sound.wants) { this.begin(item, anchor, now); return; }
    if (sound.state !== 'playing') { this.skewMs = null; return; }
    if (performance.now() < this.until || now < anchor.atMs) return;
    const error = sound.positionMs() - positionMs(anchor, now);
    this.skewMs = error;
    const before = this.step;
    this.step = correction(error, this.clock.errorMs(), before);
    if (this.step.step === 'cut') this.begin(item, anchor, now);
    else if (this.step.rate !== before.rate) sound.nudge(this.step.rate);
  }

  // Between two songs the room's word and the joint come within a moment of each other: the joint itself has no gap.
  goesOver(anchor, now) {
    const { sound } = this, held = sound.items.findIndex(({ key }) => key === this.held);
    if (!sound.wants || sound.state !== 'playing') return false;
    if (held === sound.index + 1) {
      const endsMs = now + sound.item.durationMs - sound.positionMs();
      return endsMs > now - JOINT_MS && Math.abs(endsMs - (anchor.atMs - anchor.positionMs)) < JOINT_MS;
    }
    if (held >= 0 && held === sound.index - 1) return sound.items[held].durationMs - positionMs(anchor, now) < LATE_WORD_MS;
    return false;
  }

  // A pause that is to come is played up to.
  pauseAt(anchor) {
    const { sound } = this, left = this.here(anchor.atMs) - performance.now();
    this.skewMs = null;
    if (sound.wants && left <= 0) sound.pause();
    // Between two looks: at its moment, not up to a look later.
    else if (sound.wants && left < LOOK_MS) setTimeout(() => { if (this.room?.anchor === anchor) sound.pause(); }, left);
    else if (!sound.wants && Math.abs(sound.positionMs() - anchor.positionMs) > JOINT_MS && sound.item?.key === this.held) sound.seek(anchor.positionMs);
  }

  // The item sounds from the anchor's moment on; where that is past, from where it is by then.
  async begin(item, anchor, now) {
    const { sound } = this;
    const atMs = Math.max(anchor.atMs, now + LEAD_MS), place = positionMs(anchor, atMs);
    if (!item || place >= item.durationMs) { this.skewMs = null; return; }
    this.starting = true;
    this.step = NOTHING;
    this.skewMs = null;
    sound.nudge(1);
    const late = setTimeout(() => { this.starting = false; }, 5000);
    await sound.startAt(item, place, this.here(atMs));
    clearTimeout(late);
    this.starting = false;
    this.until = performance.now() + Math.max(0, this.here(atMs) - performance.now()) + SETTLE_MS;
  }

  // The house is told once so much is there that it could begin.
  tellReady() {
    const { sound, held } = this;
    if (this.told.has(held) || sound.item?.key !== held) return;
    if (!sound.current?.head && !sound.way) return;
    const left = sound.item.durationMs - sound.positionMs();
    if (sound.bufferedMs() - sound.positionMs() < Math.min(ENOUGH_MS, left / 2) && !sound.way) return;
    this.told.add(held);
    this.ready(held);
    // What comes next is fetched now, so that a word to go on is followed at once.
    if (sound.items[sound.index + 1]) sound.prepare(sound.index + 1, 0);
  }
}
