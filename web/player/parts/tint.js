// The colour of a picture for the ground behind it: its hue, worked out once from the smallest size. Lightness is the
// style sheet's, so that letters on it stay legible whatever the picture is.
import { sized } from './cover.js';

const MOST = 200, SIDE = 12;
const known = new Map(), refs = new Map();

const linear = (value) => ((value /= 255) <= 0.04045 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4);

// Where a colour lies between green and red, and between blue and yellow (OKLab's a and b).
function opponents(red, green, blue) {
  const [r, g, b] = [linear(red), linear(green), linear(blue)];
  const l = Math.cbrt(0.4122214708 * r + 0.5363325363 * g + 0.0514459929 * b);
  const m = Math.cbrt(0.2119034982 * r + 0.6806995451 * g + 0.1073969566 * b);
  const s = Math.cbrt(0.0883024619 * r + 0.2817188376 * g + 0.6299787005 * b);
  return [1.9779984951 * l - 2.428592205 * m + 0.4505937099 * s, 0.0259040371 * l + 0.7827717662 * m - 0.808675766 * s];
}

// Hue in degrees and chroma of what is most colourful in a picture's pixels (four bytes each).
export function tintOf(pixels) {
  let a = 0, b = 0, weight = 0;
  for (let at = 0; at < pixels.length; at += 4) {
    const [x, y] = opponents(pixels[at], pixels[at + 1], pixels[at + 2]);
    const colourful = Math.hypot(x, y);
    a += x * colourful; b += y * colourful; weight += colourful;
  }
  if (weight < 1e-6) return { hue: 0, chroma: 0 };
  a /= weight; b /= weight;
  return { hue: Math.round((Math.atan2(b, a) * 180 / Math.PI + 360) % 360), chroma: Number(Math.min(Math.hypot(a, b), 0.09).toFixed(3)) };
}

async function measure(url) {
  const picture = new Image();
  picture.src = sized(url, 96);
  await picture.decode();
  const canvas = document.createElement('canvas');
  canvas.width = canvas.height = SIDE;
  const pen = canvas.getContext('2d', { willReadFrequently: true });
  pen.drawImage(picture, 0, 0, SIDE, SIDE);
  return tintOf(pen.getImageData(0, 0, SIDE, SIDE).data);
}

function kept(map, key, make) {
  if (!map.has(key)) {
    if (map.size >= MOST) map.delete(map.keys().next().value);
    map.set(key, make());
  }
  return map.get(key);
}

const wanted = new WeakMap();

// Gives an element the colour of this picture as `--hue` and `--chroma`, unless it was given another meanwhile.
async function wear(element, url) {
  wanted.set(element, url);
  try {
    const { hue, chroma } = await kept(known, url, () => measure(url));
    if (wanted.get(element) !== url) return;
    element.style.setProperty('--hue', hue);
    element.style.setProperty('--chroma', chroma);
    element.toggleAttribute('data-tinted', true);
  } catch { known.delete(url); /* a picture that cannot be read has no colour */ }
}

// The same for what stands while its picture changes: without one it goes back to the house's own colour.
export function bathe(element, url) {
  for (const name of ['--hue', '--chroma']) element.style.removeProperty(name);
  if (url) wear(element, url); else wanted.delete(element);
}

// For lit-html's `ref`: gives an element the colour of this picture, or none.
export const tint = (url) => kept(refs, url ?? '', () => (element) => {
  if (!element) return;
  element.toggleAttribute('data-tinted', false);
  if (url) wear(element, url); else wanted.delete(element);
});
