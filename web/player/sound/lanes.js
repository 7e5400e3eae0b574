// What sounds when: songs laid on the output's clock, sample after sample, a few seconds ahead. Owns places in time;
// knows nothing of queues, networks and pages. A lane is one song's way through time.
import { fromDb, shape } from './gain.js';
import { reach, read } from './resample.js';
import { Stretch } from './stretch.js';

const AHEAD_S = 3, BLOCK = 16384, LEAST = 2048, LATE_S = 0.02, LEAD_S = 0.06, KEPT_S = 2, AGAIN_S = 1;

export class Lanes {
  constructor(output) {
    Object.assign(this, { output, lanes: [], voice: null, speed: 1, nudge: 1 });
  }

  get lead() { return Math.round(LEAD_S * this.output.rate); }

  get horizon() { return this.output.frame + AHEAD_S * this.output.rate; }

  // A song from `atMs` on, its first sample at `frame`. `endMs` null is its last sample.
  add({ index, item, source, atMs, frame, endMs = null, fades = {}, rising = false }) {
    const { rate } = source, samples = (ms) => Math.round((ms * rate) / 1000);
    const lane = { index, item, source, begins: frame, cursor: frame, at: samples(atMs), end: endMs === null ? null : samples(endMs), pieces: [], done: false, starved: false, stretch: null };
    lane.fades = { in: fades.in?.map(samples) ?? null, out: fades.out?.map(samples) ?? null };
    lane.gain = fromDb((item.gainDb ?? 0) + (source.head.outputGainDb ?? 0));
    this.voice ??= this.output.voice(frame, rising);
    this.lanes.push(lane);
    return lane;
  }

  // Output frames that a song's sample takes the place of: how far the song goes on with each.
  pace(lane) { return (lane.source.rate / this.output.rate) * this.nudge * this.speed; }

  // The song's last sample but one more, where it is known.
  endOf(lane) {
    const total = lane.source.pcm.total;
    return lane.end === null ? total : total === null ? lane.end : Math.min(lane.end, total);
  }

  // When the lane will be over, as far as can be said now.
  endFrame(lane) {
    if (lane.done) return lane.cursor;
    const end = this.endOf(lane);
    return end === null ? null : lane.cursor + Math.ceil((end - lane.at) / this.pace(lane) - 1e-6);
  }

  fill() {
    for (const lane of this.lanes) this.fillLane(lane, this.horizon);
  }

  fillLane(lane, horizon) {
    const { output } = this;
    while (!lane.done && lane.cursor < horizon) {
      const end = this.endOf(lane);
      if (end !== null && lane.at >= end - 1e-6) { lane.done = true; break; }
      const soonest = output.frame + LATE_S * output.rate, { pcm, rate } = lane.source;
      // Run dry, it waits for enough to go on with.
      if (lane.pieces.length && lane.cursor < soonest && pcm.to < (pcm.total ?? Infinity) && pcm.to - lane.at < AGAIN_S * rate) { lane.starved = true; break; }
      const planes = this.speed === 1 ? this.readOn(lane, end) : this.stretchOn(lane, end);
      if (!planes) { lane.starved = true; break; }
      // Too late for what was to follow at once: it follows as soon as can be.
      if (lane.cursor < soonest) {
        lane.cursor = output.frame + this.lead;
        lane.slipped = true;
      }
      lane.starved = false;
      if (!lane.pieces.length) lane.begins = lane.cursor;
      const frames = planes[0].length, pace = this.pace(lane);
      shape(planes, lane.at, pace, lane.gain, lane.fades);
      output.place(this.voice, planes, lane.cursor);
      lane.pieces.push({ frame: lane.cursor, frames, at: lane.at, pace });
      lane.cursor += frames;
      lane.at = end !== null && lane.at + frames * pace > end - 1e-6 ? end : lane.at + frames * pace;
      lane.source.want(Math.floor(lane.at));
    }
    const heard = output.heardFrame() - KEPT_S * output.rate;
    while (lane.pieces.length > 1 && lane.pieces[0].frame + lane.pieces[0].frames < heard) lane.pieces.shift();
  }

  // The next samples as they are, or read at another rate; null while they are not there.
  readOn(lane, end) {
    const { pcm } = lane.source, pace = this.pace(lane), straight = pace === 1 && Number.isInteger(lane.at);
    const side = straight ? 0 : reach(pace), all = pcm.total !== null && pcm.to >= pcm.total;
    if (!all && lane.at + side >= pcm.to) return null;
    if (lane.at < pcm.from - 1) return null;
    let frames = all ? BLOCK : Math.min(BLOCK, Math.floor((pcm.to - side - lane.at) / pace));
    const left = end === null ? Infinity : Math.ceil((end - lane.at) / pace - 1e-6);
    // Many small pieces would cost more than they are worth; at a song's beginning every one counts.
    if (frames < Math.min(LEAST, left)) return null;
    frames = Math.min(frames, left);
    return read(pcm, lane.at, pace, frames);
  }

  stretchOn(lane, end) {
    const { pcm } = lane.source, { rate } = this.output, own = (lane.source.rate / rate) * this.nudge;
    lane.stretch ??= new Stretch(rate, pcm.channels, this.speed, lane.at / own);
    const { stretch } = lane, all = pcm.total !== null && pcm.to >= pcm.total, parts = [];
    stretch.at = lane.at / own;
    let frames = 0;
    while (frames < BLOCK / 2) {
      const furthest = (stretch.at + stretch.reach) * own + reach(own);
      if ((!all && furthest > pcm.to) || (end !== null && stretch.at * own >= end)) break;
      parts.push(stretch.next((at, count) => read(pcm, at * own, own, count)));
      frames += stretch.hop;
    }
    if (!frames) return null;
    const left = end === null ? frames : Math.min(frames, Math.ceil((end - lane.at) / this.pace(lane) - 1e-6));
    return parts[0].map((_, channel) => {
      const plane = new Float32Array(frames);
      parts.forEach((part, each) => plane.set(part[channel], each * stretch.hop));
      return left < frames ? plane.slice(0, left) : plane;
    });
  }

  // The place in its song that the lane has at a frame, in samples; null before it begins.
  placeAt(lane, frame) {
    const { pieces } = lane;
    if (!pieces.length || frame < pieces[0].frame) return null;
    const piece = pieces.findLast((each) => each.frame <= frame);
    return piece.at + Math.min(frame - piece.frame, piece.frames) * piece.pace;
  }

  // What is heard at a frame: the lane begun last, where in its song, and whether it sounds just then.
  heard(frame = this.output.heardFrame()) {
    const lane = this.lanes.findLast(({ pieces }) => pieces.length && frame >= pieces[0].frame);
    if (!lane) return null;
    const piece = lane.pieces.findLast((each) => each.frame <= frame);
    return { lane, ms: (this.placeAt(lane, frame) * 1000) / lane.source.rate, sounds: frame < piece.frame + piece.frames };
  }

  // Forgets lanes that are over.
  sweep() {
    const heard = this.output.heardFrame(), gone = this.lanes.filter((lane, each) => lane.done && each < this.lanes.length - 1 && lane.cursor < heard);
    this.lanes = this.lanes.filter((lane) => !gone.includes(lane));
    return gone;
  }

  // Everything from `frame` on is taken back. Lanes not begun by then are dropped and returned; the others stand at
  // that frame, ready to be filled again.
  cut(frame, falling) {
    if (this.voice) this.output.end(this.voice, frame, falling);
    this.voice = null;
    const dropped = this.lanes.filter((lane) => !lane.pieces.length || lane.pieces[0].frame >= frame);
    this.lanes = this.lanes.filter((lane) => !dropped.includes(lane));
    for (const lane of this.lanes) {
      const place = this.placeAt(lane, frame);
      lane.pieces = lane.pieces.filter((piece) => piece.frame < frame);
      const last = lane.pieces.at(-1);
      if (last.frame + last.frames <= frame) continue;
      last.frames = frame - last.frame;
      Object.assign(lane, { cursor: frame, at: place, done: false, stretch: null });
    }
    return dropped;
  }

  // Goes on at another pace, from a moment on that is near enough; nothing is lost or heard twice.
  turn({ speed = this.speed, nudge = this.nudge }) {
    const soft = speed !== this.speed;
    if (!this.lanes.length || !this.voice) { Object.assign(this, { speed, nudge }); return []; }
    const frame = this.output.frame + this.lead, [first] = this.lanes;
    let dropped = this.cut(frame, soft);
    if (dropped[0] === first) {
      // Not begun yet: it begins where it was to.
      const [piece] = first.pieces;
      Object.assign(first, { pieces: [], done: false, stretch: null, ...(piece ? { cursor: piece.frame, at: piece.at } : {}) });
      this.lanes.unshift(first);
      dropped = dropped.slice(1);
    }
    Object.assign(this, { speed, nudge });
    this.voice = this.output.voice(frame, soft);
    for (const lane of this.lanes) if (this.pace(lane) === 1) lane.at = Math.round(lane.at);
    this.fill();
    return dropped;
  }
}
