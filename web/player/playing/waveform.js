// The outline of a song as the house has measured it, and its drawing. Where there is none, there is a plain line.
import { person, token } from '../session/session.js';

const POINTS = 400, MOST = 24, LOW_PX = 12;
const kept = new Map();

// 0 to 255 for each of equally long stretches, or null.
export function outlineOf(songId) {
  if (!kept.has(songId)) {
    kept.set(songId, find(songId).catch(() => { kept.delete(songId); return null; }));
    if (kept.size > MOST) kept.delete(kept.keys().next().value);
  }
  return kept.get(songId);
}

async function find(songId) {
  if (!person.peek()) return null;
  const headers = { accept: 'application/octet-stream', authorization: `Bearer ${token()}` };
  const answer = await fetch(`/waveform/${encodeURIComponent(songId)}?points=${POINTS}`, { headers });
  if (answer.status === 404) return null;
  if (!answer.ok) throw new Error(`No outline: ${answer.status}`);
  return new Uint8Array(await answer.arrayBuffer());
}

// Draws bars, those before `part` (0 to 1) as heard. `peaks` null, or no room for them: a line of even height.
export function drawOutline(canvas, peaks, part) {
  const wide = canvas.clientWidth, high = canvas.clientHeight, scale = devicePixelRatio || 1;
  if (!wide || !high) return;
  const width = Math.round(wide * scale), height = Math.round(high * scale);
  if (canvas.width !== width || canvas.height !== height) Object.assign(canvas, { width, height });
  const pen = canvas.getContext('2d'), style = getComputedStyle(canvas);
  // Read off properties that have a colour: as they are computed, a canvas understands them.
  const heard = style.color, ahead = style.outlineColor;
  pen.clearRect(0, 0, width, height);
  if (!peaks?.length || high < LOW_PX) {
    const thick = Math.min(4, high) * scale;
    for (const [colour, from, to] of [[ahead, 0, width], [heard, 0, width * part]]) {
      pen.fillStyle = colour;
      pen.beginPath();
      pen.roundRect(from, (height - thick) / 2, Math.max(0, to - from), thick, thick / 2);
      pen.fill();
    }
    return;
  }
  const bars = Math.max(1, Math.floor(width / (4 * scale))), step = width / bars, top = Math.max(1, ...peaks);
  for (let bar = 0; bar < bars; bar += 1) {
    const from = Math.floor(bar * peaks.length / bars), to = Math.max(from + 1, Math.floor((bar + 1) * peaks.length / bars));
    const tall = Math.max(2 * scale, height * Math.max(...peaks.subarray(from, to)) / top);
    pen.fillStyle = (bar + 0.5) / bars <= part ? heard : ahead;
    pen.beginPath();
    pen.roundRect(bar * step, (height - tall) / 2, Math.max(1, step - 1.5 * scale), tall, scale);
    pen.fill();
  }
}
