// The signed manifest of a download (docs/downloads.md): its pages, proven by the house's keys before they are believed.
const plain = (text) => Uint8Array.from(atob(text.replaceAll('-', '+').replaceAll('_', '/')), (each) => each.charCodeAt(0));
const words = (bytes) => JSON.parse(new TextDecoder().decode(bytes));

// The payload of one page; throws for a signature that is not the house's. `keys` is the JSON Web Key Set.
export async function verified({ protected: head, payload, signature }, keys) {
  const { alg, kid } = words(plain(head));
  const known = keys.keys.find((key) => key.kid === kid);
  if (alg !== 'EdDSA' || !known) throw new Error('The list of this download is signed by nobody who is known.');
  const key = await crypto.subtle.importKey('jwk', { ...known, key_ops: ['verify'] }, 'Ed25519', false, ['verify']);
  const isTrue = await crypto.subtle.verify('Ed25519', key, plain(signature), new TextEncoder().encode(`${head}.${payload}`));
  if (!isTrue) throw new Error('The list of this download is not the one that the house signed.');
  return words(plain(payload));
}

// Reads all pages after a revision; `fetchPage(since, after)` gives each as JSON. One answer: what is new, what is gone, the
// licence, the order (null when it did not change) and the revision they lead to.
export async function readManifest(fetchPage, keys, since) {
  const told = { items: [], removed: [], isReset: false };
  for (let after = '', from = since; ;) {
    const page = await verified(await fetchPage(from, after), keys);
    if (page.isReset) { told.isReset = true; told.items = []; told.removed = []; from = 0; }
    told.items.push(...page.items);
    told.removed.push(...page.removed);
    if (page.next === null) return { ...told, licence: page.licence, download: page.download, order: page.order, revision: page.revision };
    after = page.next;
  }
}
