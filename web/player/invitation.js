// A link into a room, to be sent or shown: its address, a button that copies it, and its QR code.
import { ask } from './api.js';
import { el, notice } from './element.js';

const INVITE = 'mutation($id: ID!) { createRoomInvite(roomId: $id) { url qrSvg invite { expiresAt } } }';

export async function roomLink(roomId) {
  const { createRoomInvite: made } = await ask(INVITE, { id: roomId });
  const url = new URL(made.url, location.origin).href;
  const until = new Date(made.invite.expiresAt).toLocaleString(undefined, { weekday: 'long', hour: '2-digit', minute: '2-digit' });
  const address = el('input', { readonly: true, value: url, 'aria-label': 'Link into the room', onfocus: ({ target }) => target.select() });
  const copy = async () => {
    try { await navigator.clipboard.writeText(url); notice('The link is copied.'); } catch {
      address.focus();
      notice('Copy the marked link.');
    }
  };
  return el('div', { class: 'link-in' },
    el('img', { src: `data:image/svg+xml,${encodeURIComponent(made.qrSvg)}`, alt: 'QR code of the link', width: 180, height: 180 }),
    el('div', { class: 'address' }, address, el('button', { class: 'quiet', onclick: copy }, 'Copy')),
    el('p', { class: 'soft' }, `Who has it may come in, with or without an account, until ${until}.`));
}
