// Who is signed in: the tokens in localStorage, shared by all tabs, and their renewal when an access token has expired.
import { signal } from '@preact/signals-core';
import { post } from './request.js';

const KEY = 'tutti.sign-in';
let kept = read();
let renewing = null;

// `{ id, username }` of whoever is signed in, or null. A renewed token is nobody's news: only another person is told.
export const person = signal(kept?.user ?? null);
export const token = () => kept?.token;

function read() {
  try { return JSON.parse(localStorage.getItem(KEY)); } catch { return null; }
}

function take(fresh) {
  kept = fresh;
  if (fresh?.user.id !== person.value?.id || fresh?.user.username !== person.value?.username) person.value = fresh?.user ?? null;
}

export function keep(fresh) {
  if (fresh) localStorage.setItem(KEY, JSON.stringify(fresh));
  else localStorage.removeItem(KEY);
  take(fresh);
}

addEventListener('storage', ({ key }) => { if (key === KEY || key === null) take(read()); });

export const isExpired = (error) => ['TOKEN_EXPIRED', 'TOKEN_INVALID', 'UNAUTHENTICATED'].includes(error.code);

// A new pair of tokens. Signs out, and throws, when the session is over.
export function renew() {
  renewing ??= oneTabAtATime(spend).finally(() => { renewing = null; });
  return renewing;
}

// A refresh token shown twice ends the session, so tabs take turns where the browser lets them (https and localhost).
const oneTabAtATime = (work) => (navigator.locks ? navigator.locks.request(KEY, work) : work());

async function spend() {
  const shared = read(), spent = kept;
  if (!spent || shared?.token !== spent.token) { take(shared); return; }
  try {
    const data = await post('mutation($t: String!) { refreshToken(refreshToken: $t) { token refreshToken } }', { t: spent.refreshToken });
    keep({ ...spent, ...data.refreshToken });
  } catch (error) {
    if (isExpired(error)) keep(null);
    throw error;
  }
}
