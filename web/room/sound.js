// The room's sound: an audio element held to the anchor by the correction ladder, and the next song ready beside it.
import { positionMs } from '../timing/clock.js';
import { NOTHING, correction } from '../timing/correction.js';

// A first jump lands as well as this machine was guessed; another one or two land as it was found to be.
const LOOK_EVERY_MS = 100, SETTLE_MS = 700, FAR_MS = 15, FIRST_JUMPS = 3;

export class RoomSound {
  // `clock` knows the house's time; `address` resolves to where an item's sound is; `ready` is told once it is there.
  constructor(clock, { address, ready }) {
    Object.assign(this, { clock, address, ready, room: null, step: NOTHING, until: 0, skewMs: null, volume: 0.8, blocked: false, firstJumps: FIRST_JUMPS });
    this.players = new Map();
    this.timer = setInterval(() => this.look(), LOOK_EVERY_MS);
  }

  stop() {
    clearInterval(this.timer);
    for (const { audio } of this.players.values()) { audio.pause(); audio.removeAttribute('src'); audio.load(); }
    this.players.clear();
  }

  loudness(part) {
    this.volume = part;
    for (const { audio } of this.players.values()) audio.volume = part;
  }

  // The room changed: hold the songs that play and come next, let the others go.
  show(room, items) {
    this.room = room;
    const wanted = items.filter((item) => item && item.songId && !item.gone).slice(0, 2);
    for (const [id, { audio }] of this.players) {
      if (!wanted.some((item) => item.id === id)) { audio.pause(); audio.removeAttribute('src'); this.players.delete(id); }
    }
    for (const item of wanted) if (!this.players.has(item.id)) this.fetch(item.id);
    this.step = NOTHING;
  }

  async fetch(id) {
    const audio = new Audio(), player = { audio, there: false };
    this.players.set(id, player);
    audio.preload = 'auto';
    audio.preservesPitch = false;
    audio.volume = this.volume;
    audio.addEventListener('canplay', () => {
      if (!player.there) { player.there = true; this.ready(id); }
    });
    try { audio.src = await this.address(id); } catch { this.players.delete(id); }
  }

  // Milliseconds of the song that should be heard now; null while nothing plays.
  wantedMs() {
    const anchor = this.room?.anchor;
    if (!anchor || !this.clock.filter.known) return null;
    const now = this.clock.timeMs();
    return anchor.playing && now >= anchor.atMs ? positionMs(anchor, now) : null;
  }

  look() {
    const id = this.room?.currentItemId, player = this.players.get(id), wanted = this.wantedMs();
    for (const [other, { audio }] of this.players) if (other !== id && !audio.paused) audio.pause();
    if (!player?.there) { this.skewMs = null; return; }
    const { audio } = player;
    if (wanted === null || audio.ended) {
      if (!audio.paused) audio.pause();
      this.skewMs = null;
      return;
    }
    if (audio.paused) {
      this.jump(audio, wanted);
      // The next look tries again; a browser that lets nothing sound by itself waits for a gesture.
      audio.play().then(() => { this.blocked = false; }, ({ name }) => { this.blocked = name === 'NotAllowedError'; });
      return;
    }
    const now = performance.now(), error = audio.currentTime * 1000 - wanted;
    if (now < this.until) return;
    this.skewMs = error;
    if (this.firstJumps > 0 && Math.abs(error) > FAR_MS) { this.jump(audio, this.wantedMs()); return; }
    this.firstJumps = 0;
    this.step = correction(error, this.clock.errorMs(), this.step);
    if (this.step.step === 'cut') this.jump(audio, this.wantedMs());
    else audio.playbackRate = this.step.step === 'rate' ? this.step.rate : 1;
  }

  jump(audio, to) {
    // What a jump costs is learnt from the last one: the song goes on while the element finds the place.
    const before = this.late ?? 0;
    this.firstJumps -= 1;
    audio.playbackRate = 1;
    audio.currentTime = Math.max(0, to + before) / 1000;
    this.until = performance.now() + SETTLE_MS;
    setTimeout(() => {
      const wanted = this.wantedMs();
      if (wanted !== null && !audio.paused) this.late = Math.max(0, Math.min(400, before + wanted - audio.currentTime * 1000));
    }, SETTLE_MS - 50);
  }
}
