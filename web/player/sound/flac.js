// FLAC (RFC 9639), taken apart frame by frame. Owns stream header, frame borders and places in the song, all checked
// by the format's own sums; knows nothing of networks and decoders. Positions are samples from the song's first.
import { SoundTrouble } from './trouble.js';

const FRAME_MOST = 1 << 24, LOST_MOST = 1 << 20, HEADER_MOST = 16, HEADER_LEAST = 6, HEAD_MOST = 1 << 25;
const RATES = [0, 88200, 176400, 192000, 8000, 16000, 22050, 24000, 32000, 44100, 48000, 96000];
const table = (bits, polynomial) => new Uint16Array(256).map((_, byte) => {
  let rest = byte << (bits - 8);
  for (let bit = 0; bit < 8; bit += 1) rest = rest & (1 << (bits - 1)) ? (rest << 1) ^ polynomial : rest << 1;
  return rest & ((1 << bits) - 1);
});
const CRC8 = table(8, 0x07), CRC16 = table(16, 0x8005);

export function sum8(bytes, from, to) {
  let sum = 0;
  for (let at = from; at < to; at += 1) sum = CRC8[sum ^ bytes[at]];
  return sum;
}

export function sum16(bytes, from, to, sum = 0) {
  for (let at = from; at < to; at += 1) sum = ((sum << 8) & 0xffff) ^ CRC16[(sum >> 8) ^ bytes[at]];
  return sum;
}

// The frame header at `at`: { bytes, samples, number, variable }, null where there is none, undefined where bytes lack.
export function frameHeader(bytes, at, room = HEADER_MOST) {
  if (bytes.length - at < room) return undefined;
  if (bytes[at] !== 0xff || (bytes[at + 1] & 0xfe) !== 0xf8) return null;
  const size = bytes[at + 2] >> 4, rate = bytes[at + 2] & 15, shape = bytes[at + 3];
  if (size === 0 || rate === 15 || shape >> 4 > 10 || shape & 1 || (shape >> 1 & 7) === 3) return null;
  let next = at + 4, number = bytes[next];
  next += 1;
  if (number >= 0x80) {
    const more = Math.clz32(~(number << 24)) - 1;
    if (more < 1 || more > 6) return null;
    number &= 0x3f >> more;
    for (let each = 0; each < more; each += 1, next += 1) {
      if (bytes[next] >> 6 !== 2) return null;
      number = number * 64 + (bytes[next] & 0x3f);
    }
  }
  let samples = size === 1 ? 192 : size < 6 ? 144 << size : 256 << (size - 8);
  if (size === 6) samples = bytes[next++] + 1;
  if (size === 7) { samples = (bytes[next] << 8 | bytes[next + 1]) + 1; next += 2; }
  if (rate === 12) next += 1;
  if (rate > 12) next += 2;
  return sum8(bytes, at, next) === bytes[next] ? { bytes: next + 1 - at, samples, number, variable: Boolean(bytes[at + 1] & 1), rate: RATES[rate] ?? 0 } : null;
}

export class Flac {
  static knows = (bytes) => bytes[0] === 0x66 && bytes[1] === 0x4c && bytes[2] === 0x61 && bytes[3] === 0x43;

  constructor() {
    Object.assign(this, { head: null, samples: null, points: [], skip: 0, facts: null });
    this.goTo(0);
  }

  goTo(offset) {
    Object.assign(this, { rest: new Uint8Array(0), offset, frame: null, scan: 0, lost: 0, over: false });
  }

  push(bytes) {
    this.add(bytes);
    if (!this.head && !this.readHead()) return [];
    return this.frames(false);
  }

  // The last frame, which nothing follows.
  end() {
    if (!this.head) throw new SoundTrouble('MALFORMED', 'The FLAC ends in its header.');
    const packets = this.over ? [] : this.frames(true);
    if (this.samples === null && packets.length) this.samples = packets.at(-1).at + packets.at(-1).samples;
    return packets;
  }

  add(bytes) {
    // What a large picture in the header takes is not kept.
    const drop = Math.min(this.skip, bytes.length);
    this.skip -= drop;
    bytes = bytes.subarray(drop);
    if (this.rest.length === 0) { this.rest = bytes; return; }
    const both = new Uint8Array(this.rest.length + bytes.length);
    both.set(this.rest);
    both.set(bytes, this.rest.length);
    this.rest = both;
  }

  // `offset` is where the first byte of `rest` lies, or will lie.
  consume(count) {
    this.skip = Math.max(0, count - this.rest.length);
    this.rest = this.rest.slice(count);
    this.offset += count;
  }

  readHead() {
    for (;;) {
      const { rest } = this;
      if (this.facts?.done) break;
      if (this.skip || rest.length < 4) return false;
      if (!this.facts) {
        if (!Flac.knows(rest)) throw new SoundTrouble('MALFORMED', 'This is no FLAC.');
        this.facts = { points: [], info: null, done: false, last: false };
        this.consume(4);
        continue;
      }
      if (this.facts.last) { this.facts.done = true; break; }
      const kind = rest[0] & 0x7f, length = rest[1] << 16 | rest[2] << 8 | rest[3], last = rest[0] >> 7 === 1;
      if (kind === 127 || (this.facts.info === null && kind !== 0) || this.offset > HEAD_MOST) throw new SoundTrouble('MALFORMED', 'The FLAC begins wrongly.');
      if (kind === 0 || kind === 3) {
        if (kind === 0 && length !== 34) throw new SoundTrouble('MALFORMED', 'The FLAC has odd facts.');
        if (rest.length < 4 + length) return false;
        if (kind === 0) this.facts.info = rest.slice(4, 38); else this.facts.table = rest.slice(4, 4 + length);
      }
      this.facts.last = last;
      this.consume(4 + length);
    }
    this.know();
    return true;
  }

  know() {
    const { info, table: points } = this.facts, view = new DataView(info.buffer, info.byteOffset, 34);
    const sampleRate = view.getUint32(10) >>> 12, channels = (info[12] >> 1 & 7) + 1, bits = ((info[12] & 1) << 4 | info[13] >> 4) + 1;
    const samples = (info[13] & 15) * 2 ** 32 + view.getUint32(14);
    if (sampleRate === 0 || view.getUint16(2) < 16) throw new SoundTrouble('MALFORMED', 'The FLAC has odd facts.');
    const description = new Uint8Array(42);
    description.set([0x66, 0x4c, 0x61, 0x43, 0x80, 0, 0, 34]);
    description.set(info, 8);
    this.block = view.getUint16(0) === view.getUint16(2) ? view.getUint16(0) : null;
    this.least = Math.max(view.getUint16(4) << 8 | info[6], 10);
    this.samples = samples || null;
    this.head = { codec: 'flac', sampleRate, channels, bits, preSkip: 0, description, begins: this.offset };
    this.points = [{ sample: 0, offset: this.offset }];
    if (!points) return;
    const seek = new DataView(points.buffer);
    for (let at = 0; at + 18 <= points.length; at += 18) {
      const sample = Number(seek.getBigUint64(at)), offset = Number(seek.getBigUint64(at + 8));
      if (sample > this.points.at(-1).sample && sample < (samples || Infinity)) this.points.push({ sample, offset: this.offset + offset });
    }
  }

  placeOf({ number, variable, samples }) {
    return variable ? number : number * (this.block ?? samples);
  }

  frames(atEnd) {
    const packets = [];
    let at = 0;
    while (!this.over) {
      if (!this.frame) {
        const begin = this.nextHeader(at, () => true, atEnd ? HEADER_LEAST : HEADER_MOST);
        if (begin.lost) { this.lost += begin.at - at; at = begin.at; }
        if (this.lost > LOST_MOST) throw new SoundTrouble('MALFORMED', 'There is no FLAC frame where one belongs.');
        if (!begin.header) { if (atEnd) at = this.rest.length; break; }
        at = begin.at;
        this.frame = { ...begin.header, at: this.placeOf(begin.header) };
        this.scan = at + Math.max(this.least, begin.header.bytes);
      }
      const end = this.frameEnd(at, atEnd);
      if (end === null) {
        if (this.rest.length - at > FRAME_MOST) throw new SoundTrouble('MALFORMED', 'A FLAC frame has no end.');
        // It was none: a false header that noise made, or a broken frame.
        if (atEnd) { at += 1; this.lost += 1; this.frame = null; if (this.lost > LOST_MOST) break; continue; }
        break;
      }
      if (end < 0) { at += 1; this.lost += 1; this.frame = null; continue; }
      packets.push({ data: this.rest.slice(at, end), at: this.frame.at, samples: this.frame.samples });
      this.note(this.offset + at, this.frame.at);
      this.lost = 0;
      if (this.samples !== null && this.frame.at + this.frame.samples >= this.samples) this.over = true;
      at = end;
      this.frame = null;
    }
    this.scan = Math.max(0, this.scan - at);
    this.rest = this.rest.slice(at);
    this.offset += at;
    return packets;
  }

  nextHeader(from, right, room = HEADER_MOST) {
    const { rest } = this;
    for (let at = rest.indexOf(0xff, from); at >= 0; at = rest.indexOf(0xff, at + 1)) {
      const header = frameHeader(rest, at, room);
      if (header === undefined) return { at, lost: at > from };
      if (header && right(header, at)) return { at, header, lost: at > from };
    }
    return { at: rest.length, lost: rest.length > from };
  }

  // Where the frame at `at` ends; null while that is not known, -1 where it is no frame.
  frameEnd(at, atEnd) {
    const { frame } = this, next = frame.variable ? frame.number + frame.samples : frame.number + 1;
    const last = this.samples !== null && frame.at + frame.samples >= this.samples;
    if (last && frame.at + frame.samples > this.samples) return -1;
    for (let from = this.scan; !last;) {
      const found = this.nextHeader(from, (header) => header.number === next && header.variable === frame.variable);
      this.scan = found.at;
      if (!found.header) break;
      if (sum16(this.rest, at, found.at) === 0) return found.at;
      from = this.scan = found.at + 1;
    }
    if (!last && this.rest.length - at > 4 * this.roomiest()) return -1;
    if (!atEnd) return null;
    // Behind the last frame may stand what a tagger left (ID3v1); anything else is the decoder's to judge.
    const { length } = this.rest, ends = [length, length - 128];
    return ends.find((end) => end > at + frame.bytes && sum16(this.rest, at, end) === 0) ?? (last ? length : null);
  }

  // A frame cannot be much larger than its samples as they are.
  roomiest() {
    return 64 + this.head.channels * (4 + (this.frame.samples * (this.head.bits + 1)) / 8);
  }

  note(offset, sample) {
    const { points } = this;
    let low = 0, high = points.length;
    while (low < high) { const middle = (low + high) >> 1; if (points[middle].sample <= sample) low = middle + 1; else high = middle; }
    const before = points[low - 1], after = points[low];
    const far = 2 * this.head.sampleRate;
    if (points.length < 4096 && (!before || sample - before.sample > far) && (!after || after.sample - sample > far)) points.splice(low, 0, { sample, offset });
  }

  // Where to read from for this sample: between the two known places around it, in proportion.
  place(sample, bytes = null) {
    const { points } = this;
    const low = points.findLast((point) => point.sample <= sample) ?? points[0];
    const after = points.find((point) => point.sample > sample);
    const high = after ?? (this.samples && bytes ? { sample: this.samples, offset: bytes } : null);
    const block = this.block ?? 4096;
    if (!high || sample - low.sample < 4 * block) return low.offset;
    const per = (high.offset - low.offset) / (high.sample - low.sample);
    return Math.max(low.offset, Math.floor(low.offset + (sample - low.sample - 1.5 * block) * per));
  }
}
