// The player's sound: given a line of songs, it plays them. It knows no page and no API; its owner says where a song's
// bytes are and hears what happens. docs/player-sound.md says how it works.
//
//   const sound = createSound({ addressOf: async (item, { quality, format }) => ({ url } or { blob }), element: false });
//   item: { key, songId, durationMs, gainDb, soundStartMs, soundEndMs, next: Transition of the API or null }
//     `sampleRate` (optional, Hz): of a lossless song; the context is opened at the first one's. `gainDb`: already chosen.
//     `key` names the place in the line (a song may stand there twice); `next` is how it goes over into the item behind
//     it: { kind: 'GAPLESS' | 'CROSSFADE' | 'GAP' | 'CUT', fromEndMs, toStartMs, overlapMs, gapMs, fadeOutMs, fadeInMs }.
//   sound.line(items, index, { atMs, play })  replaceNext(items)  play() pause() seek(ms) next() previous() jump(index) stop()
//   sound.volume 0..1 · rate 0.5..2, pitch kept · quality 'low' | 'normal' | 'high' | 'lossless' · repeatOne
//   sound.crossfadeMs null: as the songs' hints say; 0: never; more: so long, wherever songs are not one recording
//   sound.positionMs() heard now · bufferedMs() from the song's beginning · state 'idle' | 'waiting' | 'playing' | 'paused' | 'ended'
//   sound.startAt(item, positionMs, performanceMs) → { atMs, performanceMs } what was done · nudge(rate) 0.9..1.1, by ear
//     unnoticed near 1 · fadeOut(ms) then paused
//   sound.on('item', hear)     { item, index, before, why: 'ended' | 'skipped' | 'problem' | 'stopped' | null, heardMs }
//   sound.on('state', hear)    { state }          on('ended', hear)  { item, heardMs }
//   sound.on('waiting', hear)  { waiting, why: 'bytes' | 'line' | 'busy' | 'refused' | 'gesture' }
//   sound.on('problem', hear)  { item, code, message }, codes in trouble.js; the song is passed over
//   each returns a function that takes the hearer off again.
import { Drive } from './drive.js';
import { Lanes } from './lanes.js';
import { Output } from './output.js';
import { Source } from './source.js';

const LOOK_MS = 40, REST_MS = 20_000;

export const createSound = (options) => new Sound(options);

export class Sound extends Drive {
  #volume = 1; #quality; #crossfadeMs = null; #repeatOne = false;

  constructor({ addressOf, quality = 'normal', element = false, output = null, sourceOf = null }) {
    super();
    Object.assign(this, { addressOf, element, output });
    this.#quality = quality;
    this.sourceOf = sourceOf ?? ((item, given) => new Source(item, given));
    if (output) this.lanes = new Lanes(output);
  }

  get item() { return this.items[this.index] ?? null; }

  // What the browser can do decides the way: Web Audio, or an <audio> element where there is none.
  open() {
    if (this.lanes) return;
    this.output = new Output({ rate: this.#quality === 'lossless' ? this.item?.sampleRate ?? 44100 : 48000, element: this.element, hear: () => this.look() });
    this.output.volume = this.#volume;
    const { rate } = this;
    this.lanes = new Lanes(this.output);
    this.lanes.speed = rate;
  }

  line(items, index = 0, { atMs = 0, play = true } = {}) {
    this.items = [...items];
    this.problems = 0;
    this.bad.clear();
    this.go(index, atMs, { play, why: 'skipped' });
  }

  replaceNext(items) {
    const next = this.items[this.index + 1];
    this.items = [...this.items.slice(0, this.index + 1), ...items];
    if (next?.key === items[0]?.key) return;
    this.forgetNext();
  }

  play() {
    if (!this.item) return;
    this.wants = true;
    if (this.state === 'ended') { this.go(0, 0, { play: true }); return; }
    this.wake();
    if (this.way) this.way.play(); else if (!this.lanes?.voice && this.at) this.go(this.index, this.at.ms, { play: true, why: null });
    this.look();
  }

  pause() {
    this.wants = false;
    if (this.way) this.way.pause();
    else if (this.lanes?.voice) {
      this.count();
      const frame = this.output.frame + this.lanes.lead, place = this.lanes.heard(frame);
      this.at = place ? { ms: place.ms } : this.at;
      this.quiet(frame);
    }
    this.set(this.item ? 'paused' : 'idle');
  }

  seek(ms) {
    if (!this.item) return;
    const atMs = Math.max(0, Math.min(ms, this.item.durationMs));
    if (this.way) this.way.seek(atMs); else this.go(this.index, atMs, { play: this.wants, why: null });
  }

  next() {
    const next = this.items.findIndex((item, each) => each > this.index && !this.bad.has(item));
    if (next >= 0) this.jump(next); else if (this.item) this.finish('skipped');
  }

  previous() { if (this.positionMs() > 3000 || this.index === 0) this.seek(0); else this.jump(this.index - 1); }

  jump(index) { if (this.items[index]) this.go(index, 0, { play: true, why: 'skipped' }); }

  stop() {
    this.leave('stopped');
    this.wants = false;
    this.hush();
    this.forgetNext();
    this.current?.close();
    Object.assign(this, { current: null, items: [], index: -1, at: null });
    if (this.leaving) this.tell('item', { item: null, index: -1, ...this.leaving });
    this.leaving = null;
    this.set('idle');
  }

  // Ends all: the context too. Nothing may be called afterwards.
  async close() { this.stop(); clearInterval(this.timer); await this.output?.close(); }

  get volume() { return this.#volume; }
  set volume(part) { this.#volume = Math.max(0, Math.min(1, part)); if (this.output) this.output.volume = this.#volume; if (this.way) this.way.volume = this.#volume; }

  get rate() { return this.lanes?.speed ?? this.firstRate ?? 1; }
  set rate(rate) {
    const speed = Math.max(0.5, Math.min(2, rate));
    this.firstRate = speed;
    if (this.way) this.way.rate = speed;
    if (this.lanes) this.lanes.turn({ speed });
  }

  nudge(rate) { this.lanes?.turn({ nudge: Math.max(0.9, Math.min(1.1, rate)) }); }

  get quality() { return this.#quality; }
  set quality(quality) {
    if (quality === this.#quality) return;
    this.#quality = quality;
    this.forgetNext();
    const ms = this.positionMs();
    if (this.current) { this.hush(); this.current.close(); this.current = null; this.go(this.index, ms, { play: this.wants, why: null }); }
  }

  get crossfadeMs() { return this.#crossfadeMs; }
  set crossfadeMs(ms) { this.#crossfadeMs = ms; this.forgetNext(); }

  get repeatOne() { return this.#repeatOne; }
  set repeatOne(on) { this.#repeatOne = Boolean(on); this.forgetNext(); }

  positionMs() {
    if (this.way) return this.way.positionMs();
    const heard = this.lanes?.voice ? this.lanes.heard() : null;
    return heard && heard.lane.index === this.index ? heard.ms : this.at?.ms ?? 0;
  }

  bufferedMs() {
    if (this.way) return this.way.bufferedMs();
    return this.current?.head ? (this.current.pcm.to * 1000) / this.current.rate : 0;
  }

  // For people who listen together: this place of the item sounds at that moment of performance.now().
  async startAt(item, positionMs, performanceMs) {
    const index = this.items.findIndex(({ key }) => key === item.key);
    if (index < 0) this.items = [item];
    this.wants = true;
    this.open();
    await this.output.resume();
    return new Promise((done) => this.go(Math.max(0, index), positionMs, { play: true, why: 'skipped', start: { positionMs, performanceMs, done } }));
  }

  async fadeOut(ms) {
    if (this.state !== 'playing') { this.pause(); return; }
    if (this.way) this.way.fade(0, ms); else this.output.fade(0, ms);
    await new Promise((done) => { setTimeout(done, ms + 20); });
    this.pause();
    setTimeout(() => { if (this.way) this.way.fade(1, 0); else this.output?.fade(1, 0); }, 200);
  }

  // The song at `index` from `atMs` on, instead of what plays.
  go(index, atMs, { play, why = null, start = null }) {
    this.open();
    const same = index === this.index && this.current?.item.key === this.items[index]?.key;
    if (why && !(same && start)) this.leave(why); else this.count();
    this.hush();
    this.start?.done(null);
    Object.assign(this, { index, at: { ms: atMs }, wants: play, start });
    if (!this.item) { this.set('idle'); return; }
    if (!same) {
      this.current?.close();
      this.current = this.ready?.index === index ? this.ready.source : this.make(index);
      if (this.ready?.index === index) this.ready = null;
    }
    this.forgetNext();
    this.current.enter(start ? start.positionMs : atMs);
    if (play) this.wake();
    this.set(play ? 'waiting' : 'paused');
    this.look();
  }

  make(index) {
    const item = this.items[index];
    return this.sourceOf(item, {
      quality: this.#quality,
      address: (format, quality) => this.addressOf(item, { quality, format }),
      decodeWhole: (bytes) => this.output.context.decodeAudioData(bytes),
      hear: () => this.look(),
    });
  }

  wake() {
    this.open();
    clearTimeout(this.rest);
    this.output.resume().then(() => this.look());
    this.timer ??= setInterval(() => this.look(), LOOK_MS);
  }

  quiet(frame = this.output.frame + 1) {
    this.lanes.cut(frame, true);
    this.lanes.lanes = [];
    this.current?.enter(this.at?.ms ?? 0);
    clearInterval(this.timer);
    this.timer = null;
    // A context that rests costs nothing.
    clearTimeout(this.rest);
    this.rest = setTimeout(() => { if (!this.wants) this.output.suspend(); }, REST_MS);
  }

  hush() {
    if (this.way) { this.way.close(); this.way = null; }
    if (!this.lanes) return;
    this.lanes.cut(this.output.frame + Math.round(0.012 * this.output.rate), true);
    for (const lane of this.lanes.lanes) if (lane.source !== this.current && lane.source !== this.ready?.source) lane.source.close();
    this.lanes.lanes = [];
    this.lastFrame = null;
  }

  // What comes next is not what was thought: take back what was laid down for it.
  forgetNext() {
    const { lanes } = this;
    const first = lanes?.lanes.find(({ source }) => source === this.current);
    if (first) first.planned = false;
    if (first && (lanes.lanes.length > 1 || first.end !== null || first.fades.out)) {
      first.end = first.fades.out = null;
      for (const lane of lanes.turn({})) if (lane.source !== this.current) lane.source.close();
    }
    this.ready?.source.close();
    this.ready = null;
  }
}
