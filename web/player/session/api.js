// The public API as whoever is signed in: `ask` for queries and mutations, `listen` for subscriptions.
import { createClient } from 'graphql-ws';
import { post } from './request.js';
import { isExpired, person, renew, token } from './session.js';

export { ApiError } from './request.js';

// What was asked for; an expired token is renewed and the request made once more.
export async function ask(query, variables = {}, { abort } = {}) {
  try {
    return await post(query, variables, { token: token(), abort });
  } catch (error) {
    if (!isExpired(error) || !person.value) throw error;
    await renew();
    return post(query, variables, { token: token(), abort });
  }
}

let client = null;

// All subscriptions share one socket, opened by the first; it comes back by itself with growing pauses.
function socket() {
  client ??= createClient({
    url: `${location.origin.replace(/^http/, 'ws')}/graphql`,
    lazyCloseTimeout: 5000,
    retryAttempts: Infinity,
    shouldRetry: () => true,
    connectionParams: async () => ({ token: token() }),
    on: {
      closed: ({ code }) => { if (code === 4403 && person.value) renew().catch(() => { /* signed out, or away: tried again */ }); },
    },
  });
  return client;
}

person.subscribe(() => { client?.dispose(); client = null; });

// Calls `hear` with each event's data until the returned function is called. `fail` learns of a refusal that is final.
export function listen(query, variables, hear, fail = () => {}) {
  return socket().subscribe({ query, variables }, {
    next: ({ data, errors }) => { if (data) hear(data); else if (errors) fail(errors[0]); },
    error: fail,
    complete: () => {},
  });
}
