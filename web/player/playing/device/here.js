// This tab as a device: an id that a reload keeps and no other tab has, its name and what it can do.
import { signal } from '@preact/signals-core';

const SLOTS = 'tutti.devices', MINE = 'tutti.device-here', MOST = 8, GIVEN_BACK_MS = 600;

const random = () => Array.from(crypto.getRandomValues(new Uint8Array(12)), (byte) => byte.toString(36).padStart(2, '0')).join('').slice(0, 16);

function slots() {
  try { return JSON.parse(localStorage.getItem(SLOTS)).filter((id) => typeof id === 'string'); } catch { return []; }
}

// Whether nobody else holds this id: a lock that ends with the tab. A page that is loaded anew waits for its former self.
function held(id, patience) {
  const wait = patience ? { signal: AbortSignal.timeout(patience) } : { ifAvailable: true };
  return new Promise((done) => {
    navigator.locks.request(`tutti.device.${id}`, wait, (lock) => {
      done(Boolean(lock));
      return lock ? new Promise(() => {}) : undefined;
    }).catch(() => done(false));
  });
}

async function chosen() {
  const mine = sessionStorage.getItem(MINE);
  // Without https a browser has no locks; then a tab keeps an id for as long as it lives.
  if (!navigator.locks) return mine ?? random();
  if (mine && await held(mine, GIVEN_BACK_MS)) return mine;
  for (const id of slots()) if (await held(id)) return id;
  const fresh = random();
  await held(fresh);
  localStorage.setItem(SLOTS, JSON.stringify([...slots(), fresh].slice(-MOST)));
  return fresh;
}

// This tab's id, null until it is sure that no other tab has it.
export const deviceId = signal(null);
export const settled = chosen().then((id) => {
  sessionStorage.setItem(MINE, id);
  deviceId.value = id;
});

const BROWSERS = [[/Edg\//, 'Edge'], [/OPR\//, 'Opera'], [/Firefox\//, 'Firefox'], [/Chrom(e|ium)\//, 'Chrome'], [/Safari\//, 'Safari']];
const SYSTEMS = [[/Android/, 'Android'], [/iPhone|iPod/, 'iPhone'], [/iPad/, 'iPad'], [/Windows/, 'Windows'], [/Mac OS/, 'Mac'], [/CrOS/, 'ChromeOS'], [/Linux/, 'Linux']];
const said = (known, words) => known.find(([sign]) => sign.test(words))?.[1];

// "Chrome on Linux"; a second tab of the same browser is told apart by its number.
export function nameOf(agent, place) {
  const name = [said(BROWSERS, agent) ?? 'Browser', said(SYSTEMS, agent)].filter(Boolean).join(' on ');
  return place > 0 ? `${name} (${place + 1})` : name;
}

export const kindOf = (agent) => (/Android|iPhone|iPad|iPod|Mobile/.test(agent) ? 'phone' : 'web');

// What `hello` says of this device; its owner may have called it otherwise, which stays.
export function introduction() {
  const plays = new Audio();
  const formats = ['audio/mpeg', 'audio/ogg; codecs=opus', 'audio/flac', 'audio/mp4', 'audio/wav'].filter((type) => plays.canPlayType(type));
  return {
    deviceId: deviceId.value, name: nameOf(navigator.userAgent, slots().indexOf(deviceId.value)), kind: kindOf(navigator.userAgent),
    capabilities: { formats: formats.map((type) => type.split(';')[0]), volume: true, gapless: true, crossfade: true, maxQuality: 'lossless' },
  };
}
