// Where sound leaves: the AudioContext, its clock, and what stands between a song and the loudspeaker. Owns nodes and
// the reading of time; knows nothing of songs. Time is counted in frames of the context.
const AHEAD_S = 0.003, RAMP_S = 0.01, VOLUME_S = 0.02;

// A frame as seconds. A double is up to 1e-10 of a frame beside it, and the browser then reads so far between samples: at
// most 1e-11 of full scale, thousands of times less than the last of 24 bits.
export const seconds = (frame, rate) => frame / rate;

export class Output {
  // `rate` in Hz: one that differs from the device's is converted by the browser, once, behind everything. `element`:
  // send the sound through an <audio> element, which phones let play on with the screen off.
  constructor({ rate = 48000, context = null, element = false, hear = () => {} } = {}) {
    this.context = context ?? new AudioContext({ sampleRate: rate, latencyHint: 'playback' });
    this.rate = this.context.sampleRate;
    this.late = 0;
    this.bus = this.context.createGain();
    this.level = this.context.createGain();
    this.fader = this.context.createGain();
    this.bus.connect(this.level).connect(this.fader);
    this.element = null;
    if (element && this.context.createMediaStreamDestination) {
      const stream = this.context.createMediaStreamDestination();
      this.fader.connect(stream);
      this.element = new Audio();
      this.element.srcObject = stream.stream;
    } else this.fader.connect(this.context.destination);
    this.context.addEventListener?.('statechange', hear);
    this.ready = this.limit();
  }

  // With the limiter between; without worklets (a page that is not secure) the browser's compressor guards loud gains.
  async limit() {
    const ahead = Math.round(AHEAD_S * this.rate);
    let node;
    try {
      await this.context.audioWorklet.addModule('/web/player/sound/limiter.js');
      node = new AudioWorkletNode(this.context, 'tutti-limiter', { processorOptions: { ahead }, channelCountMode: 'max', outputChannelCount: [2], channelCount: 2 });
      this.late = ahead;
      this.limiter = 'own';
    } catch { this.limiter = 'none'; return; }
    this.bus.disconnect();
    this.bus.connect(node).connect(this.level);
  }

  get running() { return this.context.state === 'running'; }

  // The first frame that can still be given sound.
  get frame() { return Math.ceil(this.context.currentTime * this.rate - 1e-6); }

  // The frame that is heard at a moment of performance.now(), this one without a word; fractional.
  heardFrame(performanceMs = performance.now()) {
    const { context, rate } = this, told = context.getOutputTimestamp?.();
    if (!this.running || !told?.performanceTime) return (context.currentTime - (context.outputLatency || context.baseLatency || 0)) * rate - this.late;
    const seconds = told.contextTime + (performanceMs - told.performanceTime) / 1000;
    return seconds * rate - this.late;
  }

  async resume() {
    if (!this.running) await Promise.race([this.context.resume(), new Promise((done) => { setTimeout(done, 300); })]);
    if (this.element?.paused) await this.element.play().catch(() => {});
    return this.running;
  }

  suspend() { this.element?.pause(); return this.context.suspend?.(); }

  async close() { this.element?.pause(); await this.context.close?.(); }

  set volume(part) { this.ramp(this.level.gain, part, VOLUME_S); }

  fade(to, ms) { this.ramp(this.fader.gain, to, ms / 1000); }

  ramp(gain, to, seconds) {
    const now = this.context.currentTime;
    gain.cancelScheduledValues(now);
    gain.setValueAtTime(gain.value, now);
    if (this.running) gain.linearRampToValueAtTime(to, now + seconds); else gain.setValueAtTime(to, now);
  }

  // What sounds belong together and end together.
  voice(frame, rising = false) {
    const gain = this.context.createGain(), nodes = new Set();
    if (rising) {
      gain.gain.setValueAtTime(0, frame / this.rate);
      gain.gain.linearRampToValueAtTime(1, frame / this.rate + RAMP_S);
    }
    gain.connect(this.bus);
    return { gain, nodes };
  }

  // These samples sound from that frame on, the first of them exactly there.
  place(voice, planes, frame) {
    const { context, rate } = this, buffer = context.createBuffer(planes.length, planes[0].length, rate);
    planes.forEach((plane, channel) => buffer.copyToChannel(plane, channel));
    const node = context.createBufferSource();
    node.buffer = buffer;
    node.connect(voice.gain);
    node.onended = () => { node.disconnect(); voice.nodes.delete(node); };
    voice.nodes.add(node);
    node.start(seconds(frame, rate));
  }

  // The voice is silent from that frame on: at once or after a short fade that ends there.
  end(voice, frame, falling = true) {
    const at = seconds(frame, this.rate), { gain } = voice.gain;
    if (falling) {
      const from = Math.max(this.context.currentTime, at - RAMP_S);
      gain.setValueAtTime(1, from);
      gain.linearRampToValueAtTime(0, at);
    }
    for (const node of voice.nodes) node.stop(at);
    const gone = Math.max(0, at - this.context.currentTime) * 1000 + 500;
    setTimeout(() => voice.gain.disconnect(), gone);
  }
}
