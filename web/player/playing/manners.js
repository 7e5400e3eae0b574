// How this browser plays: quality, speed, whether songs run into one another and are made equally loud. Kept in the browser.
import { signal } from '@preact/signals-core';

const KEY = 'tutti.manners';
// `quality`: AUTO (as preferred in the account), LOW, NORMAL, HIGH, LOSSLESS. `level`: even, off. `join`: whether songs go
// over into one another. `louder` is the volume that a click on a silent loudspeaker brings back; `keys`: whether
// single letters do something.
const PLAIN = { quality: 'AUTO', rate: 1, level: 'even', join: true, louder: 70, lyricsDelayMs: 0, keys: true };
export const RATES = [0.5, 0.75, 0.9, 1, 1.1, 1.25, 1.5, 1.75, 2];
export const QUALITIES = ['AUTO', 'LOW', 'NORMAL', 'HIGH', 'LOSSLESS'];

function read() {
  try { return { ...PLAIN, ...JSON.parse(localStorage.getItem(KEY)) }; } catch { return PLAIN; }
}

export const manners = signal(read());

export function choose(part, value) {
  manners.value = { ...manners.value, [part]: value };
  localStorage.setItem(KEY, JSON.stringify(manners.value));
}

addEventListener('storage', ({ key }) => { if (key === KEY || key === null) manners.value = read(); });
