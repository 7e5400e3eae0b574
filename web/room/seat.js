// A seat in a room: follows it, holds the sound to its anchor, and says how far it is off. Draws nothing.
import { HouseClock } from '../timing/clock.js';
import { RoomSound } from './sound.js';
import { after, comingOf, currentOf } from './state.js';

const REPORT_EVERY_MS = 5000, WARM_UP_MS = 50;

export class RoomSeat {
  // `ask(op, members)` speaks over the socket; `changed` is called with each state of the room, `over` with why it ended.
  // `soundOf(clock, { address, ready })` makes what sounds; left out, an audio element does.
  constructor(ask, roomId, { changed, over, soundOf = (clock, ways) => new RoomSound(clock, ways) }) {
    Object.assign(this, { ask, roomId, changed, over, room: null, skews: {}, ended: false });
    this.house = new HouseClock((t0) => ask('clock', { t0 }));
    this.sound = soundOf(this.house, {
      address: async (itemId) => (await ask('room.sound', { roomId, itemId })).url,
      ready: (itemId) => ask('room.ready', { roomId, itemId }).catch(() => { /* the deadline starts it then */ }),
    });
    this.reporting = setInterval(() => this.report(), REPORT_EVERY_MS);
  }

  // On each connection: what happened meanwhile comes as events.
  async follow() {
    this.house.start();
    const known = this.room && { lastRev: this.room.rev, epoch: this.room.epoch };
    await this.ask('room.follow', { roomId: this.roomId, ...known });
  }

  hear(event) {
    if (this.ended) return;
    if (event.ev === 'unfollowed' && event.topic === `room:${this.roomId}`) { this.letGo(event.error); return; }
    if (event.ev !== 'room' || event.roomId !== this.roomId) return;
    const next = after(this.room, event);
    this.room = next ?? this.room;
    if (next === null) { this.room = null; this.follow().catch(() => { /* the next connection follows */ }); return; }
    if (next.closed) { this.end('This room was closed.'); return; }
    this.sound.show({ ...next, currentItemId: next.start?.itemId ?? next.currentItemId }, [currentOf(next), ...comingOf(next)]);
    this.changed(next);
  }

  // Who is no member is told that there is no such room; whoever read too slowly may follow anew.
  letGo(error) {
    if (error?.code === 'NOT_FOUND' || !error) { this.end(); return; }
    setTimeout(() => { if (!this.ended) this.follow().catch(() => { /* the next connection follows */ }); }, 1000);
  }

  // Shown out, or the room is over: the sound stops at once.
  end(why) {
    this.stop();
    this.over(why ?? 'You are not in this room any more.');
  }

  stop() {
    this.ended = true;
    this.house.stop();
    this.sound.stop();
    clearInterval(this.reporting);
  }

  act(op, members = {}) { return this.ask(`room.${op}`, { roomId: this.roomId, ...members }); }

  // Milliseconds into the current song.
  positionMs() { return this.sound.wantedMs() ?? this.room?.anchor.positionMs ?? 0; }

  syncText() {
    const { filter } = this.house, { skewMs, blocked } = this.sound;
    if (!filter.known) return 'Finding the time…';
    if (blocked) return 'Press any key or button to hear the music.';
    const bar = this.house.errorMs().toFixed(1);
    if (skewMs === null) return this.room?.pausedBy ? 'Paused' : `In time to ± ${bar} ms`;
    return `In time: ${Math.abs(skewMs).toFixed(1)} ms ${skewMs < 0 ? 'behind' : 'ahead'} ± ${bar}`;
  }

  async report() {
    if (!this.house.filter.known || !this.room) return;
    const skew = this.sound.skewMs === null ? {} : { skewMs: this.sound.skewMs };
    try {
      const { members } = await this.act('delay', { delayMs: this.house.filter.delayMs, warmUpMs: WARM_UP_MS, ...skew });
      this.skews = members;
      if (this.room && !this.ended) this.changed(this.room);
    } catch { /* the next one comes in five seconds */ }
  }
}
