// Samples between samples: a band-limited reading of sound at any place and pace (Kaiser-windowed sinc, beta 10, 32 zero
// crossings a side; Smith, "Digital Audio Resampling"). Pure arithmetic; at pace 1 and a whole place it is a copy.
const ZEROS = 32, STEPS = 512, BETA = 10;

function bessel(x) {
  let sum = 1, term = 1;
  for (let each = 1; term > sum * 1e-12; each += 1) { term *= (x / (2 * each)) ** 2; sum += term; }
  return sum;
}

// sin(πx)/(πx) under the window, from 0 to ZEROS in steps.
const KERNEL = new Float64Array(ZEROS * STEPS + 2);
for (let step = 0; step <= ZEROS * STEPS; step += 1) {
  const x = step / STEPS, window = bessel(BETA * Math.sqrt(Math.max(0, 1 - (x / ZEROS) ** 2))) / bessel(BETA);
  KERNEL[step] = x === 0 ? 1 : (Math.sin(Math.PI * x) / (Math.PI * x)) * window;
}

// How far a reading at this pace looks to either side.
export const reach = (per) => Math.ceil(ZEROS * Math.max(1, per)) + 1;

// `frames` samples a channel, read from `pcm` at `start`, `start + per`, …; with per > 1 what would alias is taken out.
export function read(pcm, start, per, frames, channels = pcm.channels) {
  const out = Array.from({ length: channels }, () => new Float32Array(frames));
  if (per === 1 && Number.isInteger(start)) return pcm.copy(start, out);
  const side = reach(per), base = Math.floor(start) - side;
  const span = Math.ceil((frames - 1) * per + (start - Math.floor(start))) + 2 * side + 2;
  const raw = pcm.copy(base, out.map(() => new Float32Array(span)));
  const cut = Math.min(1, 1 / per), pitch = STEPS * cut;
  for (let each = 0; each < frames; each += 1) {
    const at = start + each * per - base, first = Math.max(0, Math.ceil(at - ZEROS / cut)), last = Math.min(span - 1, Math.floor(at + ZEROS / cut));
    for (let channel = 0; channel < channels; channel += 1) {
      const plane = raw[channel];
      let sum = 0;
      for (let tap = first; tap <= last; tap += 1) {
        const x = Math.abs(at - tap) * pitch, step = x | 0;
        sum += plane[tap] * (KERNEL[step] + (KERNEL[step + 1] - KERNEL[step]) * (x - step));
      }
      out[channel][each] = sum * cut;
    }
  }
  return out;
}
