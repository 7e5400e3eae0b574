// One song's sound, ready to be read: fetches, takes apart and decodes a little ahead of where it plays, and no more.
// Owns the way from addresses to samples; knows nothing of clocks and queues.
import { Bytes } from './bytes.js';
import { Decoder, decodes } from './decode.js';
import { Flac } from './flac.js';
import { OggOpus } from './ogg.js';
import { Pcm } from './pcm.js';
import { SoundTrouble } from './trouble.js';

const AHEAD_S = 20, BEHIND_S = 10, CHANGES_MOST = 2, TRIES_MOST = 6, FIRST_BYTES = 2048, MEND_MOST_S = 10;
// What is decoded as one piece has to fit into memory: ten minutes of stereo are 230 MB.
const WHOLE_MOST_BYTES = 48 << 20, WHOLE_MOST_MS = 15 * 60_000;

export class Source {
  // `address(format, quality)` resolves to an address of the item; `decodeWhole` makes an AudioBuffer of a whole file;
  // `hear(source)` is called whenever something has come or changed.
  constructor(item, { address, quality, decodeWhole, hear, aheadS = AHEAD_S, behindS = BEHIND_S }) {
    Object.assign(this, { item, address, quality, decodeWhole, hear, aheadS, behindS });
    Object.assign(this, { pcm: new Pcm(), head: null, way: null, why: '', fetched: false, waiting: null, trouble: null, closed: false });
    Object.assign(this, { demux: null, bytes: null, run: 0, changes: 0, wanted: 0, wake: null, format: quality === 'lossless' ? 'flac' : 'opus' });
  }

  get rate() { return this.head?.sampleRate ?? null; }

  // Samples of the song; null until they are known.
  get total() { return this.pcm.total ?? this.demux?.samples ?? null; }

  close() {
    this.closed = true;
    this.stop();
    this.pcm.clear(0);
  }

  stop() {
    this.run += 1;
    this.bytes?.close();
    this.decoder?.close();
    this.decoder = null;
    this.wake?.();
  }

  // Play from here: at once where it is there already, else fetched from here.
  async enter(ms) {
    if (this.closed) return;
    if (this.head) {
      const sample = Math.round((ms * this.rate) / 1000), { pcm } = this;
      if (sample >= pcm.from && sample <= pcm.to + this.rate && !this.trouble && (this.run > 0)) { this.want(sample); return; }
      if (this.way === 'whole') { this.want(sample); return; }
    }
    this.stop();
    const run = this.run;
    this.trouble = null;
    this.fetched = false;
    try { await this.feed(run, ms); } catch (trouble) { this.fail(run, trouble, ms); }
  }

  // Where reading is: what lies far behind goes, and more comes.
  want(sample) {
    this.wanted = sample;
    if (this.head && this.way !== 'whole') this.pcm.drop(sample - this.behindS * this.rate);
    this.wake?.();
  }

  fail(run, trouble, ms) {
    if (run !== this.run || this.closed) return;
    if (trouble.code === 'CHANGED' && this.changes < CHANGES_MOST) {
      // Other bytes under the same name: begun anew at the place where it is.
      this.changes += 1;
      const at = this.head ? (Math.max(this.wanted, this.pcm.from) * 1000) / this.rate : ms;
      Object.assign(this, { bytes: null, demux: null, head: null });
      this.pcm = new Pcm();
      this.enter(at);
      return;
    }
    this.trouble = trouble instanceof SoundTrouble ? trouble : new SoundTrouble('MALFORMED', trouble.message ?? String(trouble));
    this.hear(this);
  }

  open() {
    const before = this.bytes;
    this.bytes = new Bytes(() => this.address(this.format, this.quality), ({ waiting, why }) => {
      const now = waiting ? why : null;
      if (now !== this.waiting) { this.waiting = now; this.hear(this); }
    });
    if (before) Object.assign(this.bytes, { tag: before.tag, length: before.length, where: before.where });
    return this.bytes;
  }

  async feed(run, ms) {
    let bytes = this.open(), offset = 0;
    if (!this.demux?.head) {
      // Begun in the middle, a song's head is asked for alone; from its beginning, head and sound are one request.
      const known = await this.readHead(run, bytes, ms);
      if (known === null || run !== this.run) return;
      if (this.way === 'whole') return;
    }
    const { demux } = this, { sampleRate } = this.head, target = Math.round((ms * sampleRate) / 1000);
    this.wanted = target;
    this.pcm.clear(target);
    if (this.pcm.total !== null && target >= this.pcm.total) { this.fetched = true; this.hear(this); return; }
    const about = (this.item.durationMs / 1000) * sampleRate;
    let aim = target;
    for (let tries = 0; ; tries += 1) {
      offset = target === 0 || tries >= TRIES_MOST ? this.head.begins : demux.place(aim, bytes.length, about);
      const missed = await this.decodeFrom(run, bytes, offset, target, tries);
      if (missed === null || run !== this.run) return;
      aim = Math.max(0, aim - missed * 1.5 - sampleRate);
      demux.uneven = true;
      bytes = this.open();
    }
  }

  async readHead(run, bytes, ms) {
    let demux = null, early = null, at = 0;
    this.begun = null;
    for (let from = 0, to = ms > 0 ? FIRST_BYTES : Infinity; ;) {
      const stream = bytes.read(from, to);
      for (let part = await stream.next(); !part.done; part = await stream.next()) {
        if (run !== this.run) return null;
        let chunk = part.value;
        at += chunk.length;
        if (early) chunk = new Uint8Array([...early, ...chunk]);
        early = chunk.length < 4 ? chunk : null;
        if (early) continue;
        demux ??= OggOpus.knows(chunk) ? new OggOpus() : Flac.knows(chunk) ? new Flac() : null;
        if (!demux) return this.other(run);
        const packets = demux.push(chunk);
        if (!demux.head) continue;
        this.begun = { stream, packets };
        break;
      }
      if (run !== this.run) return null;
      if (demux?.head || at >= (bytes.length ?? 0)) break;
      // Pictures may stand before the sound: they are stepped over.
      from = Math.max(at, demux?.offset ?? 0);
      if (from > at) { demux.skip = 0; at = from; }
      to = from + FIRST_BYTES * 8;
    }
    if (!demux) throw new SoundTrouble('MALFORMED', 'The song is empty.');
    if (!demux.head) demux.end();
    if (!(await decodes(demux.head))) return this.other(run, 'this browser has no decoder for it');
    if (run !== this.run) return null;
    this.know(demux);
    return true;
  }

  know(demux) {
    Object.assign(this, { demux, head: demux.head, way: 'decoder' });
    this.pcm.channels = demux.head.channels;
    if (demux.samples !== null) this.pcm.total = demux.samples;
    this.hear(this);
  }

  // Something else came than was asked for: lossless of a lossy song is sent as the best Opus there is.
  async other(run, why = 'it is of another kind than was asked for') {
    if (this.format === 'flac') {
      Object.assign(this, { format: 'opus', quality: 'high', why: 'The song is not to be had without loss.' });
      this.bytes.close();
      this.bytes = null;
      return this.readHead(run, this.open(), 0);
    }
    return this.decodeAll(run, why);
  }

  async decodeAll(run, why) {
    this.bytes.close();
    this.bytes = null;
    if (this.format === 'opus' && !why.startsWith('it is')) this.format = 'mp3';
    if ((this.item.durationMs ?? 0) > WHOLE_MOST_MS) throw new SoundTrouble('TOO_LARGE', 'The song is too long to be decoded at once.');
    const parts = [];
    let size = 0;
    for await (const part of this.open().read(0)) {
      if (run !== this.run) return null;
      parts.push(part);
      size += part.length;
      if (size > WHOLE_MOST_BYTES) throw new SoundTrouble('TOO_LARGE', 'The song is too large to be decoded at once.');
    }
    let sound;
    try { sound = await this.decodeWhole(await new Blob(parts).arrayBuffer()); } catch { throw new SoundTrouble('UNSUPPORTED', 'This browser cannot decode the song.'); }
    if (run !== this.run) return null;
    Object.assign(this, { way: 'whole', why: `Decoded at once: ${why}.`, fetched: true });
    this.head = { codec: 'whole', sampleRate: sound.sampleRate, channels: sound.numberOfChannels };
    this.pcm.clear(0);
    this.pcm.append(0, Array.from({ length: sound.numberOfChannels }, (_, channel) => sound.getChannelData(channel)));
    this.pcm.end(sound.length);
    this.hear(this);
    return true;
  }

  // Null when all is decoded; else by how many samples the place asked for was missed.
  async decodeFrom(run, bytes, offset, target, tries) {
    const { demux, pcm } = this;
    const decoder = new Decoder(this.head, (at, planes) => {
      if (run !== this.run || decoder !== this.decoder) return;
      if (demux.samples !== null && pcm.total === null) pcm.end(demux.samples);
      pcm.append(at, planes);
      this.hear(this);
    });
    this.decoder?.close();
    this.decoder = decoder;
    let first = true, next = null;
    const take = async (packets) => {
      for (const packet of packets) {
        if (first && packet.at > target && offset > this.head.begins && tries < TRIES_MOST) return packet.at - target;
        first = false;
        // What cannot be heard is not decoded, but for what the decoder needs to find its feet.
        if (packet.at + packet.samples < target - this.rate || (next !== null && packet.at < next)) continue;
        if (next !== null && packet.at > next) await this.mend(decoder, next, packet.at);
        next = packet.at + packet.samples;
        await decoder.decode(packet);
        while (run === this.run && pcm.to - this.wanted > this.aheadS * this.rate) await new Promise((done) => { this.wake = done; });
        if (run !== this.run) return null;
      }
      return undefined;
    };
    // A song played from its beginning goes on with the request that its head came by.
    const { begun } = this, goesOn = begun && offset === this.head.begins && target === 0;
    this.begun = null;
    if (begun && !goesOn) begun.stream.return();
    if (!goesOn) demux.goTo(offset);
    const stream = goesOn ? begun.stream : bytes.read(offset);
    let missed = goesOn ? await take(begun.packets) : undefined;
    while (missed === undefined && !(demux.over && demux.samples !== null)) {
      const part = await stream.next();
      if (run !== this.run) return null;
      if (part.done) break;
      missed = await take(demux.push(part.value));
    }
    stream.return();
    if (missed !== undefined) { decoder.close(); bytes.close(); return missed; }
    if (run !== this.run) return null;
    missed = await take(demux.end());
    if (missed !== undefined) return missed;
    await decoder.flush();
    if (run !== this.run) return null;
    pcm.end(demux.samples !== null && pcm.to >= demux.samples ? demux.samples : pcm.to);
    this.fetched = true;
    this.hear(this);
    return null;
  }

  // Frames that were broken are as long as they should be, and silent.
  async mend(decoder, from, to) {
    if (to - from > MEND_MOST_S * this.rate) throw new SoundTrouble('MALFORMED', 'A long part of the song is broken.');
    await decoder.flush();
    this.pcm.append(from, Array.from({ length: this.head.channels }, () => new Float32Array(to - from)));
    decoder.at = null;
  }
}
