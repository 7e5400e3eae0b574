// Faster or slower at the same pitch: WSOLA (Verhelst and Roelands, 1993). Windows of 40 ms are laid over one another by
// half; each is taken from near where it should be, at the place that goes on best from the one before. Pure arithmetic.
const WINDOW_S = 0.04, SEARCH_S = 0.012, COARSE = 8;

export class Stretch {
  // Reads with `read(at, frames)`, in frames of `rate` Hz, `at` in the same unit and fractional; begins at `at`.
  constructor(rate, channels, speed, at) {
    this.hop = Math.round((rate * WINDOW_S) / 2);
    this.search = Math.round(rate * SEARCH_S);
    Object.assign(this, { channels, speed, at, tail: null, goesOn: null });
    this.rise = Float32Array.from({ length: this.hop }, (_, each) => 0.5 - 0.5 * Math.cos((Math.PI * (each + 0.5)) / this.hop));
  }

  // How far beyond `at` the next hop may look.
  get reach() { return 2 * this.hop + 2 * this.search; }

  // The next `hop` frames; `at` goes on by hop × speed.
  next(read) {
    const { hop, search, channels } = this;
    if (this.tail === null) {
      const first = read(this.at, 2 * hop);
      this.keep(first, 0, this.at);
      this.at += hop * this.speed;
      return first.map((plane) => plane.slice(0, hop));
    }
    const from = Math.round(this.at) - search, around = read(from, 2 * hop + 2 * search);
    const best = this.alike(around);
    const out = this.tail.map((tail, channel) => {
      const plane = around[channel], mixed = new Float32Array(hop);
      for (let each = 0; each < hop; each += 1) mixed[each] = tail[each] * (1 - this.rise[each]) + plane[best + each] * this.rise[each];
      return mixed;
    });
    this.keep(around, best, from + best);
    this.at += hop * this.speed;
    return out;
  }

  keep(planes, at) {
    this.tail = planes.map((plane) => plane.slice(at + this.hop, at + 2 * this.hop));
  }

  // Where in `around` sounds most like what would have come next: by correlation, coarsely, then to the sample.
  alike(around) {
    const { hop, search, tail } = this;
    const score = (offset, stride) => {
      let product = 0, power = 1e-9;
      for (let channel = 0; channel < tail.length; channel += 1) {
        const one = tail[channel], other = around[channel];
        for (let each = 0; each < hop; each += stride) { product += one[each] * other[offset + each]; power += other[offset + each] ** 2; }
      }
      return product / Math.sqrt(power);
    };
    let best = search, most = -Infinity;
    for (let offset = 0; offset <= 2 * search; offset += COARSE) { const found = score(offset, 4); if (found > most) { most = found; best = offset; } }
    const low = Math.max(0, best - COARSE), high = Math.min(2 * search, best + COARSE);
    most = -Infinity;
    for (let offset = low; offset <= high; offset += 1) { const found = score(offset, 2); if (found > most) { most = found; best = offset; } }
    return best;
  }
}
