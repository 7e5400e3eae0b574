// Loudness in numbers: decibels, fades of constant power. Pure arithmetic.

export const fromDb = (db) => (Number.isFinite(db) ? 10 ** (db / 20) : 1);

// Of a fade that is `part` (0 to 1) done; the two together have the power of one, whatever the part.
export const fadingIn = (part) => (part <= 0 ? 0 : part >= 1 ? 1 : Math.sin((part * Math.PI) / 2));
export const fadingOut = (part) => (part <= 0 ? 1 : part >= 1 ? 0 : Math.cos((part * Math.PI) / 2));

// Multiplies planes of samples by a song's gain and by its fades. `at` is the place in the song of the first sample,
// `per` how far each goes; `fades` has in: [from, to] and out: [from, to], or null. Nothing is touched at a gain of 1.
export function shape(planes, at, per, gain, fades) {
  const frames = planes[0].length, last = at + frames * per;
  const into = fades?.in && at < fades.in[1] ? fades.in : null, out = fades?.out && last > fades.out[0] ? fades.out : null;
  if (!into && !out) {
    if (gain !== 1) for (const plane of planes) for (let each = 0; each < frames; each += 1) plane[each] *= gain;
    return;
  }
  for (let each = 0; each < frames; each += 1) {
    const here = at + each * per;
    let by = gain;
    if (into) by *= fadingIn((here - into[0]) / (into[1] - into[0]));
    if (out) by *= fadingOut((here - out[0]) / (out[1] - out[0]));
    if (by !== 1) for (const plane of planes) plane[each] *= by;
  }
}
