// The ways in and out. By its device token this browser is known at its next log-in: no mail about a new place, no waiting.
import { ask } from './api.js';
import { post } from './request.js';
import { keep } from './session.js';

const DEVICE = 'tutti.device';
const PAIR = 'user { id username } token refreshToken deviceToken';
const device = () => localStorage.getItem(DEVICE) ?? '';

function begin({ deviceToken, ...fresh }) {
  if (deviceToken) localStorage.setItem(DEVICE, deviceToken);
  keep(fresh);
}

// SECOND_FACTOR_REQUIRED has a `challenge` in the error's extensions: `completeLogin` goes on with it.
export async function logIn(email, password) {
  const { login } = await post(`mutation($e: String!, $p: String!, $d: String!) {
    login(email: $e, password: $p, deviceToken: $d) { ${PAIR} } }`, { e: email, p: password, d: device() });
  begin(login);
}

export async function completeLogin(challenge, code) {
  const data = await post(`mutation($h: String!, $c: String!, $d: String!) {
    completeLogin(challenge: $h, code: $c, deviceToken: $d) { ${PAIR} } }`, { h: challenge, c: code, d: device() });
  begin(data.completeLogin);
}

export async function redeemSignIn(code) {
  const data = await post(`mutation($c: String!) { redeemSignIn(code: $c) { ${PAIR} } }`, { c: code });
  begin(data.redeemSignIn);
}

export async function register(email, username, password) {
  const data = await post(`mutation($e: String!, $u: String!, $p: String!) {
    register(email: $e, username: $u, password: $p) { ${PAIR} } }`, { e: email, u: username, p: password });
  begin(data.register);
}

// What is still to be done by those who are about to sign out, while they may speak to the house; each a function.
export const farewells = new Set();

export async function logOut() {
  await Promise.allSettled([...farewells].map((each) => each()));
  try { await ask('mutation { logout { success } }'); } catch { /* the token is forgotten either way */ }
  keep(null);
}
