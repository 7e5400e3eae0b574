// Signing in by other providers: which there are, the way to them, and the way back.
import { ask } from './api.js';

const ASKED = 'tutti.asked', FROM = 'tutti.asked-from';

export const providers = async () => (await ask('{ signInProviders { name title } }')).signInProviders;

// Whoever did not press the button in this tab did not ask: a link with somebody else's code signs nobody in.
export function goToProvider(name, { connect = false, back = '/' } = {}) {
  sessionStorage.setItem(ASKED, name);
  sessionStorage.setItem(FROM, back);
  location.assign(`/auth/${name}${connect ? '?connect' : ''}`);
}

// The code in the address (`#/enter/google/CODE`, `#/connect/…`), for one who asked; it does not stay there.
export function cameBack(purpose) {
  const [, name, code] = location.hash.match(new RegExp(`^#/${purpose}/([\\w-]{1,30})/([\\w-]{20,100})$`)) ?? [];
  if (!code) return null;
  const asked = sessionStorage.getItem(ASKED);
  sessionStorage.removeItem(ASKED);
  history.replaceState(history.state, '', location.pathname + location.search);
  return asked === name ? code : null;
}

// Where this tab was when it went to a provider, once it has come back by way of `#`; told once.
export function cameFrom() {
  if (!/^#\/(enter|second-step)\//.test(location.hash)) return null;
  const from = sessionStorage.getItem(FROM);
  sessionStorage.removeItem(FROM);
  return from;
}

// The challenge of a second step that a provider's way leads to; it does not stay in the address either.
export function waitingChallenge() {
  const [, challenge] = location.hash.match(/^#\/second-step\/([\w-]{20,100})$/) ?? [];
  if (challenge) history.replaceState(history.state, '', location.pathname + location.search);
  return challenge ?? null;
}
