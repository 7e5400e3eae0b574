// Talks to the public API and nothing else: GraphQL over fetch, subscriptions over the socket.
// Keeps the sign-in (tokens in localStorage, shared by all tabs) and renews it when an access token has expired.

const KEY = 'tutti.sign-in';
const DEVICE = 'tutti.device';
const PAIR = 'user { id username } token refreshToken';
let signIn = read();
let renewing = null;
const hearers = new Set();

function read() {
  try { return JSON.parse(localStorage.getItem(KEY)); } catch { return null; }
}

function keep(fresh) {
  if (fresh) localStorage.setItem(KEY, JSON.stringify(fresh));
  else localStorage.removeItem(KEY);
  take(fresh);
}

// A renewed token is nobody's news: only another person, or nobody, is told.
function take(fresh) {
  const same = fresh?.user.id === signIn?.user.id;
  signIn = fresh;
  if (!same) for (const hear of hearers) hear(fresh);
}

addEventListener('storage', ({ key }) => { if (key === KEY || key === null) take(read()); });

export class ApiError extends Error {
  constructor(error) {
    super(error.message);
    this.code = error.extensions?.code ?? 'INTERNAL';
    this.field = error.extensions?.field;
    this.extensions = error.extensions ?? {};
  }
}

export const signedIn = () => signIn;
export const onSignIn = (hear) => hearers.add(hear);

async function post(query, variables, token) {
  const headers = { 'content-type': 'application/json', accept: 'application/json' };
  if (token) headers.authorization = `Bearer ${token}`;
  let answer, body;
  try {
    answer = await fetch('/graphql', { method: 'POST', headers, body: JSON.stringify({ query, variables }) });
  } catch { throw new ApiError({ message: 'The server cannot be reached just now.', extensions: { code: 'UNREACHABLE' } }); }
  try { body = await answer.json(); } catch { throw new ApiError({ message: `The server answered ${answer.status}.` }); }
  const first = body.errors?.[0] ?? (body.error && { message: body.error.message, extensions: body.error });
  if (first) throw new ApiError(first);
  return body.data;
}

const expired = (error) => ['TOKEN_EXPIRED', 'TOKEN_INVALID', 'UNAUTHENTICATED'].includes(error.code);

export async function ask(query, variables = {}) {
  try {
    return await post(query, variables, signIn?.token);
  } catch (error) {
    if (!(error instanceof ApiError) || !expired(error) || !signIn) throw error;
    await renew();
    return post(query, variables, signIn?.token);
  }
}

export function renew() {
  renewing ??= oneTabAtATime(spend).finally(() => { renewing = null; });
  return renewing;
}

// A refresh token shown twice ends the session, so tabs take turns where the browser lets them (https and localhost).
const oneTabAtATime = (work) => (navigator.locks ? navigator.locks.request(KEY, work) : work());

async function spend() {
  const kept = read(), spent = signIn;
  if (!spent || kept?.token !== spent.token) { take(kept); return; }
  try {
    const data = await post('mutation($t: String!) { refreshToken(refreshToken: $t) { token refreshToken } }',
      { t: spent.refreshToken });
    keep({ ...spent, ...data.refreshToken });
  } catch (error) {
    if (expired(error)) keep(null);
    throw error;
  }
}

// By its token the device is known at its next log-in, whoever signed out meanwhile: no mail about a new place, no waiting.
const device = () => localStorage.getItem(DEVICE) ?? '';

function begin({ deviceToken, ...fresh }) {
  if (deviceToken) localStorage.setItem(DEVICE, deviceToken);
  keep(fresh);
}

// SECOND_FACTOR_REQUIRED has a `challenge` in the error's extensions: `completeLogin` goes on with it.
export async function logIn(email, password) {
  const { login } = await post(
    `mutation($e: String!, $p: String!, $d: String!) {
      login(email: $e, password: $p, deviceToken: $d) { ${PAIR} deviceToken } }`,
    { e: email, p: password, d: device() });
  begin(login);
}

export async function completeLogin(challenge, code) {
  const data = await post(
    `mutation($h: String!, $c: String!, $d: String!) {
      completeLogin(challenge: $h, code: $c, deviceToken: $d) { ${PAIR} deviceToken } }`,
    { h: challenge, c: code, d: device() });
  begin(data.completeLogin);
}

export async function register(email, username, password) {
  const data = await post(
    `mutation($e: String!, $u: String!, $p: String!) {
      register(email: $e, username: $u, password: $p) { ${PAIR} deviceToken } }`,
    { e: email, u: username, p: password });
  begin(data.register);
}

export async function logOut() {
  try { await ask('mutation { logout { success } }'); } catch { /* the token is forgotten either way */ }
  keep(null);
}

// One subscription on one socket (graphql-transport-ws); reconnects with growing pauses until it is stopped.
export function listen(query, variables, hear) {
  let socket, stopped = false, pause = 500;
  const open = () => {
    socket = new WebSocket(location.origin.replace(/^http/, 'ws') + '/graphql', 'graphql-transport-ws');
    const say = (message) => socket.send(JSON.stringify(message));
    socket.onopen = () => say({ type: 'connection_init', payload: { token: signIn?.token } });
    socket.onmessage = ({ data }) => {
      const message = JSON.parse(data);
      if (message.type === 'connection_ack') { pause = 500; say({ id: '1', type: 'subscribe', payload: { query, variables } }); }
      if (message.type === 'ping') say({ type: 'pong' });
      if (message.type === 'next' && message.payload.data) hear(message.payload.data);
    };
    socket.onclose = async ({ code }) => {
      if (stopped) return;
      if (code === 4403 && signIn) try { await renew(); } catch { /* signed out, which stops this; or away, so try again */ }
      setTimeout(() => stopped || open(), pause);
      pause = Math.min(pause * 2, 30_000);
    };
  };
  open();
  return () => { stopped = true; socket.close(); };
}
