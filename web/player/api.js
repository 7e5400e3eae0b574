// Talks to the public API and nothing else: GraphQL over fetch, subscriptions over the socket.
// Keeps the sign-in (tokens in localStorage) and renews it once when an access token has expired.

const KEY = 'tutti.sign-in';
let signIn = read();
let renewing = null;
const hearers = new Set();

function read() {
  try { return JSON.parse(localStorage.getItem(KEY)); } catch { return null; }
}

function keep(fresh) {
  signIn = fresh;
  if (fresh) localStorage.setItem(KEY, JSON.stringify(fresh));
  else localStorage.removeItem(KEY);
  for (const hear of hearers) hear(fresh);
}

export class ApiError extends Error {
  constructor(error) {
    super(error.message);
    this.code = error.extensions?.code ?? 'INTERNAL';
    this.field = error.extensions?.field;
  }
}

export const signedIn = () => signIn;
export const onSignIn = (hear) => hearers.add(hear);

async function post(query, variables, token) {
  const headers = { 'content-type': 'application/json', accept: 'application/json' };
  if (token) headers.authorization = `Bearer ${token}`;
  const answer = await fetch('/graphql', { method: 'POST', headers, body: JSON.stringify({ query, variables }) });
  let body;
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

function renew() {
  renewing ??= post('mutation($t: String!) { refreshToken(refreshToken: $t) { token refreshToken } }',
    { t: signIn.refreshToken })
    .then((data) => keep({ ...signIn, ...data.refreshToken }))
    .catch((error) => { keep(null); throw error; })
    .finally(() => { renewing = null; });
  return renewing;
}

export async function logIn(email, password) {
  const { login } = await post(
    'mutation($e: String!, $p: String!) { login(email: $e, password: $p) { user { id username } token refreshToken } }',
    { e: email, p: password });
  keep(login);
}

export async function register(email, username, password) {
  const data = await post(
    `mutation($e: String!, $u: String!, $p: String!) {
      register(email: $e, username: $u, password: $p) { user { id username } token refreshToken } }`,
    { e: email, u: username, p: password });
  keep(data.register);
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
      if (code === 4403 && signIn) try { await renew(); } catch { return; }
      setTimeout(() => stopped || open(), pause);
      pause = Math.min(pause * 2, 30_000);
    };
  };
  open();
  return () => { stopped = true; socket.close(); };
}
