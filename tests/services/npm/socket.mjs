// node socket.mjs URL TOKEN USER SONG: graphql-ws' client asks, listens, persists and is refused; "ok NAME" for each.
import { createClient } from 'graphql-ws';
import { createHash } from 'node:crypto';
import WebSocket from 'ws';

const [url, token, user, song] = process.argv.slice(2);
const open = (params) => createClient({ url, webSocketImpl: WebSocket, retryAttempts: 0, connectionParams: params });
const all = async (client, request) => {
  const results = [];
  for await (const result of client.iterate(request)) results.push(result);
  return results;
};
const check = (truth, what) => {
  if (!truth) throw new Error(what);
};
const tests = {
  async query(client) {
    const [{ data }] = await all(client, { query: 'query ($id: ID) { song(id: $id) { id } me { id } }', variables: { id: song } });
    check(data.song.id === song && data.me.id === user, JSON.stringify(data));
  },
  async subscription(client) {
    const events = client.iterate({ query: 'subscription ($u: ID!) { nowPlaying(userId: $u) { song { id } } }', variables: { u: user } });
    const next = events.next();
    await all(client, { query: 'mutation ($s: ID!) { playSong(songId: $s) { success } }', variables: { s: song } });
    const { value } = await next;
    check(value.data.nowPlaying.song.id === song, JSON.stringify(value));
    await events.return();
  },
  async persisted(client) {
    const query = '{ persisted: __typename }';
    const extensions = { persistedQuery: { version: 1, sha256Hash: createHash('sha256').update(query).digest('hex') } };
    const refused = await all(client, { query: '', extensions }).catch((errors) => errors);
    check(refused[0].message === 'PersistedQueryNotFound', JSON.stringify(refused));
    await all(client, { query, extensions });
    const [{ data }] = await all(client, { query: '', extensions });
    check(data.persisted === 'Query', JSON.stringify(data));
  },
  async refusal(client) {
    const errors = await all(client, { query: '{ nothing }' }).catch((found) => found);
    check(Array.isArray(errors) && errors[0].extensions.code === 'GRAPHQL_INVALID', JSON.stringify(errors));
  },
  async deferred(client) {
    const [{ data }] = await all(client, { query: '{ a: __typename ... @defer { b: __typename } }' });
    check(data.a === 'Query' && data.b === 'Query', JSON.stringify(data));
  },
  async manyAtOnce(client) {
    const found = await Promise.all([...Array(50)].map(() => all(client, { query: '{ __typename }' })));
    check(found.every(([{ data }]) => data.__typename === 'Query'), 'one went missing');
  },
};
for (const [name, test] of Object.entries(tests)) {
  const client = open({ token });
  await test(client);
  await client.dispose();
  console.log(`ok ${name}`);
}
const stranger = open({ token: 'nonsense' });
const closed = await all(stranger, { query: '{ __typename }' }).catch((event) => event);
check(closed.code === 4403, String(closed.code));
console.log('ok badToken');
process.exit(0);
