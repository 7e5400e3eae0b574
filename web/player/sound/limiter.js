// The last word on loudness, in the audio thread: nothing leaves it above full scale, and what stays below leaves it as
// it came, sample for sample, a fixed time later. Looks ahead so that a gain is down before its peak is there.
class Limiter extends AudioWorkletProcessor {
  constructor({ processorOptions }) {
    super();
    this.ahead = processorOptions.ahead;
    this.release = 1 - Math.exp(-1 / (0.12 * sampleRate));
    this.lines = [];
    this.needs = new Float32Array(this.ahead).fill(1);
    this.held = new Float32Array(this.ahead).fill(1);
    Object.assign(this, { at: 0, gain: 1, quiet: this.ahead, clean: this.ahead, sum: this.ahead });
  }

  process([input], [output]) {
    const { ahead, needs, held } = this, frames = output[0].length;
    while (this.lines.length < output.length) this.lines.push(new Float32Array(ahead));
    for (let each = 0; each < frames; each += 1) {
      let peak = 0;
      for (let channel = 0; channel < input.length; channel += 1) peak = Math.max(peak, Math.abs(input[channel][each]));
      needs[this.at] = peak > 1 ? 1 / peak : 1;
      this.quiet = peak > 1 ? 0 : this.quiet + 1;
      let least = 1;
      if (this.quiet < ahead) for (const need of needs) if (need < least) least = need;
      this.gain = least < this.gain ? least : this.gain + (least - this.gain) * this.release;
      if (this.gain > 0.99999) this.gain = least === 1 ? 1 : this.gain;
      this.sum += this.gain - held[this.at];
      held[this.at] = this.gain;
      this.clean = this.gain === 1 ? this.clean + 1 : 0;
      const by = this.clean >= ahead ? 1 : Math.min(1, this.sum / ahead);
      if (by === 1) this.sum = this.clean >= ahead ? ahead : this.sum;
      for (let channel = 0; channel < output.length; channel += 1) {
        const line = this.lines[channel], late = line[this.at];
        line[this.at] = input.length ? input[Math.min(channel, input.length - 1)][each] : 0;
        const sound = late * by;
        output[channel][each] = by === 1 ? late : Math.max(-1, Math.min(1, sound));
      }
      this.at = this.at + 1 === ahead ? 0 : this.at + 1;
    }
    return true;
  }
}

registerProcessor('tutti-limiter', Limiter);
