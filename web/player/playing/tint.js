// A colour out of a cover, to stand behind it: the one that most of its lively pixels are near to.
import { sized } from '../parts/cover.js';

const SIDE = 24, HUES = 12, MOST = 60;
const kept = new Map();

// "hue saturation" for a style sheet to make its shades of, or null for a picture without colour.
export function tintOf(coverImage) {
  if (!coverImage) return Promise.resolve(null);
  if (!kept.has(coverImage)) {
    kept.set(coverImage, find(coverImage).catch(() => null));
    if (kept.size > MOST) kept.delete(kept.keys().next().value);
  }
  return kept.get(coverImage);
}

async function find(coverImage) {
  const picture = new Image();
  picture.src = sized(coverImage, 64);
  await picture.decode();
  const canvas = Object.assign(document.createElement('canvas'), { width: SIDE, height: SIDE });
  const pen = canvas.getContext('2d', { willReadFrequently: true });
  pen.drawImage(picture, 0, 0, SIDE, SIDE);
  return liveliest(pen.getImageData(0, 0, SIDE, SIDE).data);
}

// Pixels vote for their hue by how colourful they are. Pure: bytes as RGBA.
export function liveliest(bytes) {
  const votes = Array.from({ length: HUES }, () => ({ weight: 0, hue: 0, strength: 0 }));
  for (let at = 0; at < bytes.length; at += 4) {
    const [red, green, blue] = [bytes[at] / 255, bytes[at + 1] / 255, bytes[at + 2] / 255];
    const most = Math.max(red, green, blue), least = Math.min(red, green, blue), chroma = most - least;
    if (chroma < 0.08) continue;
    const sector = most === red ? (green - blue) / chroma : most === green ? (blue - red) / chroma + 2 : (red - green) / chroma + 4;
    const hue = (sector * 60 + 360) % 360, vote = votes[Math.floor(hue / (360 / HUES)) % HUES];
    vote.weight += chroma;
    vote.hue += hue * chroma;
    vote.strength += chroma * chroma;
  }
  const best = votes.reduce((one, other) => (other.weight > one.weight ? other : one));
  if (best.weight < bytes.length / 4 * 0.01) return null;
  return { hue: Math.round(best.hue / best.weight), saturation: Math.round(Math.min(70, 25 + 70 * best.strength / best.weight)) };
}
