// The house's clock as this page sees it: bursts of probes into a Kalman filter of offset and drift.
// The same numbers as services/timing/clock_filter.py, where the formulas have their sources; tests hold both to one.
export const PROBES = 8;
export const BURST_EVERY_MS = 10000;
export const SUSPEND_MS = 120000;
const LONGEST_ROUND_TRIP_MS = 5000, REMEMBERED = 60, REFUSALS = 3;
const STEPS_VARIANCE = 9, FIRST_DRIFT_VARIANCE = 0.1 * 0.1, OFFSET_WANDER = 1e-5, DRIFT_WANDER = 1e-8;
const TICK_MS = 0.02, FLOOR_SHARE = 0.04, CONFIDENCE = 1.96, FIRST_GAP = 0.7;

const roundTrip = (probe) => (probe.t3 - probe.t0) - (probe.t2 - probe.t1);
const offset = (probe) => ((probe.t1 - probe.t0) + (probe.t2 - probe.t3)) / 2;
const sound = (probe) => [probe.t0, probe.t1, probe.t2, probe.t3].every(Number.isFinite) && probe.t2 >= probe.t1
  && roundTrip(probe) >= 0 && roundTrip(probe) < LONGEST_ROUND_TRIP_MS;

export class ClockFilter {
  constructor() {
    this.epoch = null;
    this.forget();
  }

  forget() {
    this.known = false;
    this.at = this.base = this.offset = this.drift = 0;
    this.p00 = this.p01 = this.p11 = 0;
    this.refused = 0;
    this.floors = [];
    this.excesses = [];
  }

  get driftPpm() { return this.drift * 1000; }
  get delayMs() { return this.floors.length ? Math.min(...this.floors) / 2 : 0; }
  offsetMs(local) { return this.base + this.offset + this.drift * (local - this.at) / 1000; }
  timeMs(local) { return local + this.offsetMs(local); }

  errorMs(local) {
    if (!this.known) return Infinity;
    const [p00] = this.predicted(Math.max(0, local - this.at) / 1000);
    return CONFIDENCE * Math.sqrt(p00) + FLOOR_SHARE * Math.min(...this.floors);
  }

  // Answered probes {t0, t1, t2, t3} of one burst, and whose clock it was. Whether they were believed.
  burst(probes, epoch) {
    if (epoch !== this.epoch) {
      this.forget();
      this.epoch = epoch;
    }
    const good = probes.filter(sound).sort((one, other) => roundTrip(one) - roundTrip(other));
    if (!good.length) return false;
    const best = good[0], at = (best.t0 + best.t3) / 2;
    if (this.known && !(at - this.at >= 0 && at - this.at <= SUSPEND_MS)) this.forget();
    const median = roundTrip(good[Math.floor(good.length / 2)]);
    let noise = this.noise(roundTrip(best), median);
    if (this.known && this.learn(best, at, noise)) return true;
    if (this.known && this.refused < REFUSALS) return false;
    if (this.known) {
      this.forget();
      noise = this.noise(roundTrip(best), median);
    }
    this.known = true;
    this.at = at;
    this.base = offset(best);
    [this.p00, this.p01, this.p11] = [noise, 0, FIRST_DRIFT_VARIANCE];
    return true;
  }

  learn(best, at, noise) {
    const seconds = (at - this.at) / 1000;
    const [p00, p01, p11] = this.predicted(seconds);
    const innovation = offset(best) - this.offsetMs(at), variance = p00 + noise;
    if (innovation * innovation > STEPS_VARIANCE * variance) {
      this.refused += 1;
      return false;
    }
    this.refused = 0;
    const gainOffset = p00 / variance, gainDrift = p01 / variance;
    this.offset = this.offset + this.drift * seconds + gainOffset * innovation;
    this.drift = this.drift + gainDrift * innovation;
    this.p00 = (1 - gainOffset) * p00;
    this.p01 = (1 - gainOffset) * p01;
    this.p11 = p11 - gainDrift * p01;
    this.at = at;
    return true;
  }

  predicted(seconds) {
    const wander = DRIFT_WANDER * seconds;
    let p00 = this.p00 + 2 * seconds * this.p01 + seconds * seconds * this.p11;
    p00 += OFFSET_WANDER * seconds + wander * seconds * seconds / 3;
    return [p00, this.p01 + seconds * this.p11 + wander * seconds / 2, this.p11 + wander];
  }

  noise(trip, median) {
    this.floors = [...this.floors, trip].slice(-REMEMBERED);
    const gap = FIRST_GAP * (median - trip) / Math.sqrt(this.floors.length);
    const excess = trip - Math.min(...this.floors) + gap;
    this.excesses = [...this.excesses, excess].slice(-REMEMBERED);
    const usual = [...this.excesses].sort((one, other) => one - other)[Math.floor(this.excesses.length / 4)];
    const bound = excess / 2 + TICK_MS;
    const unusual = Math.max(1, bound / (2 * (usual / 2 + TICK_MS)));
    return bound * bound * unusual * unusual / 3;
  }
}

// Where a song is at a moment of the house's time, by its anchor {atMs, positionMs, rate, playing}.
export function positionMs(anchor, atMs) {
  if (!anchor.playing) return anchor.positionMs;
  return anchor.positionMs + Math.max(0, atMs - anchor.atMs) * anchor.rate;
}

// Keeps a filter fed: `probe(t0)` asks the server and resolves to {t0, t1, t2, epoch}, or rejects when nothing comes.
export class HouseClock {
  constructor(probe, { now = () => performance.now(), wall = () => Date.now() } = {}) {
    this.filter = new ClockFilter();
    this.probe = probe;
    this.now = now;
    this.wall = wall;
    this.ahead = wall() - now();
    this.timer = null;
    this.burst = null;
  }

  timeMs() { return this.filter.timeMs(this.now()); }
  errorMs() { return this.filter.errorMs(this.now()); }

  // Begins at once and resolves after the first burst.
  start() {
    this.stop();
    this.timer = setInterval(() => this.measure(), BURST_EVERY_MS);
    return this.measure();
  }

  stop() {
    clearInterval(this.timer);
    this.timer = null;
  }

  // One burst; whether the filter believed it. A burst still under way is the answer to a second call.
  measure() {
    this.burst ??= this.askBurst().finally(() => { this.burst = null; });
    return this.burst;
  }

  async askBurst() {
    // In some browsers the monotonic clock sleeps with the machine, and only the wall clock tells.
    const ahead = this.wall() - this.now();
    if (Math.abs(ahead - this.ahead) > 1000) this.filter.forget();
    this.ahead = ahead;
    const answered = [];
    let epoch = null;
    for (let turn = 0; turn < PROBES; turn += 1) {
      const t0 = this.now();
      try {
        const told = await this.probe(t0);
        const t3 = this.now();
        if (told.epoch !== epoch) answered.length = 0;
        epoch = told.epoch;
        answered.push({ t0, t1: told.t1, t2: told.t2, t3 });
      } catch { /* a lost probe is simply not there */ }
    }
    return epoch !== null && this.filter.burst(answered, epoch);
  }
}
