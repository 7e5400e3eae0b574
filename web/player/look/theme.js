// How the player looks: colours, contrast, letters and size of targets. The choice stays in this browser.
import { effect, signal } from '@preact/signals-core';

const KEY = 'tutti.look';
// `theme`: system, light, dark. `contrast`: system, more. `letters`: plain, dyslexic. `targets`: normal, large (in a car).
const PLAIN = { theme: 'system', contrast: 'system', letters: 'plain', targets: 'normal', motion: 'system' };

function read() {
  try { return { ...PLAIN, ...JSON.parse(localStorage.getItem(KEY)) }; } catch { return PLAIN; }
}

export const look = signal(read());

export function change(part, value) {
  look.value = { ...look.value, [part]: value };
  localStorage.setItem(KEY, JSON.stringify(look.value));
}

// Keeps the page as the choice says; style sheets read the data attributes of the root.
export function wear() {
  effect(() => Object.assign(document.documentElement.dataset, look.value));
  addEventListener('storage', ({ key }) => { if (key === KEY || key === null) look.value = read(); });
}
