// This browser as a device that keeps downloads: its id, made once, and a name that people recognise.
const KEY = 'tutti.download-device';

export function deviceId() {
  let id = localStorage.getItem(KEY);
  if (!id) {
    id = Array.from(crypto.getRandomValues(new Uint8Array(12)), (each) => each.toString(16).padStart(2, '0')).join('');
    localStorage.setItem(KEY, id);
  }
  return id;
}

const BROWSERS = [['Edg/', 'Edge'], ['OPR/', 'Opera'], ['Firefox/', 'Firefox'], ['Chrome/', 'Chrome'], ['Safari/', 'Safari']];
const SYSTEMS = [['Android', 'Android'], ['iPhone', 'iPhone'], ['iPad', 'iPad'], ['Mac OS', 'Mac'], ['Windows', 'Windows'], ['Linux', 'Linux']];
const known = (table, text) => table.find(([mark]) => text.includes(mark))?.[1];

export function deviceName(agent = navigator.userAgent) {
  return [known(BROWSERS, agent), known(SYSTEMS, agent)].filter(Boolean).join(', ') || 'Browser';
}
