// Opus in Ogg (RFC 3533, RFC 7845), taken apart page by page. Owns pages, packets and their places in the song; knows
// nothing of networks and decoders. Positions are samples at 48 kHz from the song's first: the pre-skip lies before 0.
import { SoundTrouble } from './trouble.js';

const RATE = 48000, PAGE_MOST = 27 + 255 + 255 * 255, LOST_MOST = 2 * PAGE_MOST, PACKET_MOST = 61440;
// A decoder entered in the middle is right after 80 ms (RFC 7845 §4.6); half a second costs little and is safe.
const PREROLL = 24000;
const CRC = new Uint32Array(256).map((_, byte) => {
  let rest = byte << 24;
  for (let bit = 0; bit < 8; bit += 1) rest = rest & 0x80000000 ? (rest << 1) ^ 0x04c11db7 : rest << 1;
  return rest;
});

export function pageSum(page) {
  let sum = 0;
  for (let at = 0; at < page.length; at += 1) {
    sum = (sum << 8) ^ CRC[(sum >>> 24) ^ (at >= 22 && at < 26 ? 0 : page[at])];
  }
  return sum >>> 0;
}

// Samples at 48 kHz in a packet (RFC 6716 §3.1).
export function packetSamples(packet) {
  const configuration = packet[0] >> 3, shape = packet[0] & 3;
  const frame = configuration < 12 ? [480, 960, 1920, 2880][configuration & 3]
    : configuration < 16 ? [480, 960][configuration & 1] : [120, 240, 480, 960][configuration & 3];
  return frame * (shape === 0 ? 1 : shape < 3 ? 2 : packet[1] & 63);
}

const joined = (one, other) => {
  const both = new Uint8Array(one.length + other.length);
  both.set(one);
  both.set(other, one.length);
  return both;
};

export class OggOpus {
  static knows = (bytes) => bytes[0] === 0x4f && bytes[1] === 0x67 && bytes[2] === 0x67 && bytes[3] === 0x53;

  constructor() {
    Object.assign(this, { head: null, samples: null, pageBytes: 0, pageSamples: 0, uneven: false, headers: 0, points: [], serial: null, whole: null });
    this.goTo(0);
  }

  // The bytes pushed next begin at this offset.
  goTo(offset) {
    Object.assign(this, { rest: new Uint8Array(0), offset, granule: null, part: null, lost: 0, over: false, entered: offset > 0 });
  }

  // Packets that are whole by now: { data, at, samples }.
  push(bytes) {
    this.rest = this.rest.length ? joined(this.rest, bytes) : bytes;
    const packets = [];
    let at = 0;
    while (!this.over) {
      const page = this.page(at);
      if (page === null) break;
      if (page.lost) {
        at += page.lost;
        this.lost += page.lost;
        // Entered in the middle, up to a page may be rubbish; a file that lost its thread for longer is not one.
        if (this.lost > LOST_MOST) throw new SoundTrouble('MALFORMED', 'There is no Ogg page where one belongs.');
        this.part = null;
        this.entered = true;
        continue;
      }
      this.lost = 0;
      this.take(page, this.offset + at, packets);
      at += page.bytes.length;
    }
    this.rest = this.rest.slice(at);
    this.offset += at;
    return packets;
  }

  page(at) {
    const { rest } = this, left = rest.length - at;
    if (left < 27) return null;
    if (!OggOpus.knows(rest.subarray(at, at + 4))) return { lost: this.nextMark(at + 1) - at };
    const laces = rest[at + 26];
    if (left < 27 + laces) return null;
    const table = rest.subarray(at + 27, at + 27 + laces);
    const size = 27 + laces + table.reduce((sum, lace) => sum + lace, 0);
    // The size of a page is in its header: where all are alike, any of them has its place by arithmetic.
    if (this.headers === 2 && !(table.length && rest[at + 5] & 4)) this.shape(rest.subarray(at), table, size);
    if (left < size) return null;
    const bytes = rest.subarray(at, at + size), view = new DataView(bytes.buffer, bytes.byteOffset, size);
    if (view.getUint32(22, true) !== pageSum(bytes)) return { lost: this.nextMark(at + 1) - at };
    return { bytes, table, view, kind: bytes[5], granule: Number(view.getBigInt64(6, true)), serial: view.getUint32(14, true), number: view.getUint32(18, true) };
  }

  nextMark(from) {
    for (let at = this.rest.indexOf(0x4f, from); at >= 0; at = this.rest.indexOf(0x4f, at + 1)) {
      if (at + 4 > this.rest.length || OggOpus.knows(this.rest.subarray(at, at + 4))) return at;
    }
    return this.rest.length;
  }

  shape(page, table, size) {
    const laces = page[26];
    if (page.length < 29 + laces || this.uneven) return;
    if (this.pageBytes && this.pageBytes !== size) { this.uneven = true; return; }
    this.pageBytes = size;
    this.pageSamples = table.filter((lace) => lace < 255).length * packetSamples(page.subarray(27 + laces, 29 + laces));
  }

  take(page, offset, packets) {
    if (this.serial !== null && page.serial !== this.serial) {
      // A second stream put behind the first, or beside it, is not this song.
      if (page.kind & 2 && this.samples !== null) this.over = true;
      return;
    }
    const found = this.split(page);
    if (this.headers < 2) { this.header(found, page, offset); return; }
    const sounding = found.reduce((sum, data) => sum + packetSamples(data), 0);
    const last = Boolean(page.kind & 4);
    if (this.granule === null) this.enter(page, offset, sounding, last);
    let at = this.granule - this.head.preSkip;
    for (const data of found) {
      const samples = packetSamples(data);
      if (samples === 0 || samples > 5760) throw new SoundTrouble('MALFORMED', 'An Opus packet is longer than 120 ms.');
      packets.push({ data, at, samples });
      at += samples;
    }
    this.granule += sounding;
    if (!last && found.length) this.note(offset, this.granule - sounding - this.head.preSkip);
    if (last) {
      this.samples = Math.max(0, Math.min(page.granule < 0 ? this.granule : page.granule, this.granule) - this.head.preSkip);
      this.over = true;
    }
  }

  enter(page, offset, sounding, last) {
    if (!this.entered || offset === this.head.begins) this.granule = 0;
    // The last page says where the song ends, not where the page does; where pages are alike its number tells.
    else if (last) this.granule = (page.number - 2) * this.pageSamples;
    else this.granule = page.granule - sounding;
    if (this.granule < 0) throw new SoundTrouble('MALFORMED', 'An Ogg page has no place in the song.');
  }

  split({ bytes, table, kind }) {
    const found = [];
    let at = 27 + table.length, from = at, lengths = 0;
    let skip = Boolean(kind & 1) && this.part === null;
    for (const lace of table) {
      at += lace;
      lengths += lace;
      if (lengths > PACKET_MOST) throw new SoundTrouble('MALFORMED', 'An Opus packet has no end.');
      if (lace === 255) continue;
      const data = bytes.slice(from, at);
      // The rest of a packet whose beginning was never read is left out, but keeps its time.
      if (!skip && data.length + (this.part?.length ?? 0)) found.push(this.part ? joined(this.part, data) : data);
      this.part = null;
      skip = false;
      from = at;
      lengths = 0;
    }
    if (from < at && !skip) this.part = this.part ? joined(this.part, bytes.slice(from, at)) : bytes.slice(from, at);
    return found;
  }

  header(found, page, offset) {
    for (const data of found) {
      const name = String.fromCharCode(...data.subarray(0, 8));
      if (this.headers === 0) {
        if (name !== 'OpusHead' || data.length < 19 || data[8] >> 4 !== 0) throw new SoundTrouble('MALFORMED', 'The Ogg holds no Opus.');
        const view = new DataView(data.buffer, data.byteOffset, data.length), channels = data[9];
        if (channels < 1 || channels > 8 || (data[18] === 0 && channels > 2)) throw new SoundTrouble('MALFORMED', 'The Opus has an odd number of channels.');
        this.serial = page.serial;
        this.told = { codec: 'opus', sampleRate: RATE, channels, preSkip: view.getUint16(10, true), outputGainDb: view.getInt16(16, true) / 256, description: data[18] === 0 ? null : data };
      } else if (name !== 'OpusTags') throw new SoundTrouble('MALFORMED', 'The Opus has no tags.');
      this.headers += 1;
    }
    if (this.headers === 2) this.head = { ...this.told, begins: offset + page.bytes.length };
  }

  note(offset, sample) {
    const { points } = this, low = points.findLastIndex((point) => point.sample <= sample);
    const far = (point) => !point || Math.abs(point.sample - sample) > RATE;
    if (points.length < 4096 && far(points[low]) && far(points[low + 1])) points.splice(low + 1, 0, { sample, offset });
  }

  // Where to read from for this sample, before the decoder's preroll. `bytes` is the whole length where it is known,
  // `about` the song's length in samples as somebody else told it.
  place(sample, bytes = null, about = null) {
    const { head } = this, wanted = sample - PREROLL;
    if (wanted <= 0) return head.begins;
    if (this.pageBytes && !this.uneven) {
      const pages = bytes === null ? Infinity : Math.ceil((bytes - head.begins) / this.pageBytes);
      // Never the last page alone, which cannot say where it begins.
      const page = Math.max(0, Math.min(Math.floor((wanted + head.preSkip) / this.pageSamples), pages - 2));
      return head.begins + page * this.pageBytes;
    }
    const low = this.points.findLast((point) => point.sample <= wanted) ?? { sample: 0, offset: head.begins };
    const after = this.points.find((point) => point.sample > wanted), samples = this.samples ?? about;
    const high = after ?? (bytes && samples > wanted ? { sample: samples, offset: bytes } : null);
    if (!high) return low.offset;
    return Math.floor(low.offset + (Math.max(0, wanted - low.sample - RATE) * (high.offset - low.offset)) / (high.sample - low.sample));
  }

  // Nothing follows.
  end() {
    if (!this.head) throw new SoundTrouble('MALFORMED', 'The Ogg ends in its header.');
    if (this.samples === null && this.granule !== null) this.samples = Math.max(0, this.granule - this.head.preSkip);
    return [];
  }
}
