// A certified OpenID Provider on loopback: node openid_provider.mjs PORT REDIRECT_URI KEY_ID. Any name signs in; each start has new keys.
import { generateKeyPairSync } from 'node:crypto';
import Provider from 'oidc-provider';

const [port, redirect, keyId] = process.argv.slice(2);
const key = generateKeyPairSync('rsa', { modulusLength: 2048 }).privateKey.export({ format: 'jwk' });
const provider = new Provider(`http://127.0.0.1:${port}`, {
  clients: [{
    client_id: 'tutti', client_secret: 's3cr3t-s3cr3t-s3cr3t-s3cr3t', redirect_uris: [redirect],
    grant_types: ['authorization_code'], response_types: ['code'],
  }],
  claims: { openid: ['sub', 'groups'], email: ['email', 'email_verified'], profile: ['name'] },
  cookies: { keys: ['loopback'] },
  jwks: { keys: [{ ...key, kid: keyId, use: 'sig', alg: 'RS256' }] },
  pkce: { required: () => true },
  findAccount: (_, sub) => ({
    accountId: sub,
    claims: () => ({ sub, email: `${sub}@example.com`, email_verified: true, name: `Name ${sub}`, groups: ['crew'] }),
  }),
});
provider.listen(Number(port), '127.0.0.1');
