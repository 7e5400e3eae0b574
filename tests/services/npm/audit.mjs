// node audit.mjs URL: graphql-http's audits of a server, one line for each that fails, the tally as JSON at the end.
import { serverAudits } from 'graphql-http';

const tally = {};
for (const audit of serverAudits({ url: process.argv[2], fetchFn: fetch })) {
  const result = await audit.fn();
  const key = `${audit.name.split(' ')[0]} ${result.status}`;
  tally[key] = (tally[key] ?? 0) + 1;
  if (result.status !== 'ok') console.log(`${audit.id} ${audit.name}: ${result.reason}`);
}
console.log(JSON.stringify(tally));
