// Decoded sound of one song, as much of it as is kept: one unbroken stretch of samples around where it plays. Owns the
// blocks and their places; knows nothing of decoders and clocks. Positions are samples from the song's first.
export class Pcm {
  constructor() { this.clear(0); this.channels = 2; this.total = null; }

  clear(at) { Object.assign(this, { blocks: [], from: at, to: at, keepFrom: at }); }

  // Planes that follow what is there; what lies before the place asked for, or beyond the song's end, is left out.
  append(at, planes) {
    let first = Math.max(0, this.to - at), last = planes[0].length;
    if (this.total !== null) last = Math.min(last, this.total - at);
    if (last <= first) return;
    if (at > this.to) throw new RangeError('Decoded sound has a hole in it.');
    const kept = first === 0 && last === planes[0].length ? planes : planes.map((plane) => plane.slice(first, last));
    this.channels = planes.length;
    this.blocks.push({ at: at + first, frames: last - first, planes: kept });
    this.to = at + last;
  }

  // The song ends here.
  end(total) {
    this.total = total;
    if (this.to <= total) return;
    for (let block = this.blocks.at(-1); block && block.at + block.frames > total; block = this.blocks.at(-1)) {
      this.blocks.pop();
      if (block.at < total) this.blocks.push({ at: block.at, frames: total - block.at, planes: block.planes.map((plane) => plane.slice(0, total - block.at)) });
    }
    this.to = Math.max(this.from, total);
  }

  // Lets go of what lies before a place.
  drop(before) {
    let gone = 0;
    while (gone < this.blocks.length && this.blocks[gone].at + this.blocks[gone].frames <= before) gone += 1;
    if (!gone) return;
    this.blocks.splice(0, gone);
    this.from = this.blocks[0]?.at ?? this.to;
  }

  has(from, to) {
    return from >= this.from && (to <= this.to || (this.total !== null && this.to >= this.total));
  }

  // Copies samples from `start` on into `out`, one array a channel; silence where the song has nothing.
  copy(start, out) {
    const frames = out[0].length, end = start + frames;
    let low = 0, high = this.blocks.length;
    while (low < high) { const middle = (low + high) >> 1; if (this.blocks[middle].at + this.blocks[middle].frames <= start) low = middle + 1; else high = middle; }
    for (; low < this.blocks.length && this.blocks[low].at < end; low += 1) {
      const { at, frames: many, planes } = this.blocks[low], from = Math.max(start, at), to = Math.min(end, at + many);
      for (let channel = 0; channel < out.length; channel += 1) {
        out[channel].set(planes[Math.min(channel, planes.length - 1)].subarray(from - at, to - at), from - start);
      }
    }
    return out;
  }

  get bytes() { return this.blocks.reduce((sum, { frames, planes }) => sum + frames * planes.length * 4, 0); }
}
