// What somebody wants to be told, and how: each kind in each way, the digest's rhythm, and pushes to this browser.
import { ask, logOut, signedIn } from './api.js';
import { el, notice } from './element.js';
import { pushState, startPush, stopPush } from './push.js';
import { devices, keys, twoSteps } from './security.js';
import { zoneChoice } from './zone.js';

const WANTS = 'digest kinds { type inApp push email }';
const CHANGE = `mutation($digest: DigestPeriod, $kinds: [NotificationKindChoice!]) {
  updateNotificationPreferences(digest: $digest, kinds: $kinds) { preferences { ${WANTS} } } }`;
const NAMES = {
  ALBUM_RELEASED: 'New music by artists you follow', FOLLOWED: 'Somebody follows you', PLAYLIST_INVITED: 'Somebody lets you into a playlist',
  PLAYLIST_FOLLOWED: 'Somebody follows your playlist', PLAYLIST_CHANGED: 'A playlist you share was edited', REVIEW_HELPFUL: 'Your review helped somebody',
  REVIEW_HIDDEN: 'Your review was hidden', SUBSCRIPTION_BEGAN: 'Your subscription began', SUBSCRIPTION_RENEWAL_FAILED: 'A payment failed',
  SUBSCRIPTION_ENDS_SOON: 'Your subscription ends soon', SUBSCRIPTION_ENDED: 'Your subscription ended', TRIAL_ENDS_SOON: 'Your trial ends soon', CONTENT_HIDDEN: 'Your music was hidden',
  CONTENT_RESTORED: 'Your music is back', SECURITY: 'A sign-in from a new place, a key, two-step sign-in',
};
const WAYS = [['inApp', 'In the list'], ['push', 'Push'], ['email', 'E-mail']];
const PUSH_WORDS = {
  on: 'News is shown on this device, also while Tutti is closed.', off: 'News is not shown on this device while Tutti is closed.',
  blocked: 'This browser blocks notifications of this site. Allow them in its settings first.',
  none: 'This browser cannot be pushed to here. Browsers take pushes over https only.',
};
const named = (type) => NAMES[type] ?? type.toLowerCase().replaceAll('_', ' ');

export async function settings(view) {
  const { notificationPreferences: wants, me } = await ask(`{ notificationPreferences { ${WANTS} } me { email } }`);
  const keep = async (change, undo) => {
    try {
      await ask(CHANGE, change);
      notice('Saved.');
    } catch (error) { undo(); notice(error.message); }
  };
  view.replaceChildren(el('div', { class: 'settings' }, el('h1', {}, 'Settings'),
    el('section', { 'aria-labelledby': 's-account' }, el('h2', { id: 's-account' }, 'Account'),
      el('p', {}, `You are signed in as ${signedIn().user.username}${me?.email ? ` (${me.email})` : ''}.`),
      el('p', {}, el('a', { href: '#/plan' }, 'Your plan, family and codes')),
      el('button', { class: 'quiet', onclick: logOut }, 'Sign out')),
    el('section', { 'aria-labelledby': 's-steps' }, el('h2', { id: 's-steps' }, 'Two-step sign-in'), await twoSteps()),
    el('section', { 'aria-labelledby': 's-sessions' }, el('h2', { id: 's-sessions' }, 'Where you are signed in'), await devices()),
    el('section', { 'aria-labelledby': 's-keys' }, el('h2', { id: 's-keys' }, 'Keys and app passwords'), await keys()),
    el('section', { 'aria-labelledby': 's-device' }, el('h2', { id: 's-device' }, 'This device'), await device()),
    el('section', { 'aria-labelledby': 's-zone' }, el('h2', { id: 's-zone' }, 'Time zone'), await zoneChoice()),
    el('section', { 'aria-labelledby': 's-digest' }, el('h2', { id: 's-digest' }, 'Digest by e-mail'), digest(wants, keep)),
    el('section', { 'aria-labelledby': 's-kinds' }, el('h2', { id: 's-kinds' }, 'What you are told'), table(wants, keep))));
}

async function device() {
  const words = el('p', { role: 'status' }), button = el('button', { class: 'quiet' });
  const show = async () => {
    const state = await pushState();
    words.textContent = PUSH_WORDS[state];
    button.hidden = state === 'blocked' || state === 'none';
    button.textContent = state === 'on' ? 'Stop on this device' : 'Notify me on this device';
    button.onclick = async () => {
      button.disabled = true;
      try { await (state === 'on' ? stopPush() : startPush()); } catch (error) {
        notice(error.name === 'AbortError' ? 'The browser’s push service cannot be reached just now.' : error.message);
      }
      button.disabled = false;
      await show();
    };
  };
  await show();
  return el('div', {}, words, button);
}

function digest(wants, keep) {
  const select = el('select', { 'aria-labelledby': 's-digest' }, [['OFF', 'Never'], ['DAILY', 'Each morning'], ['WEEKLY', 'On Mondays']]
    .map(([value, text]) => el('option', { value, selected: wants.digest === value }, text)));
  let kept = wants.digest;
  select.onchange = () => keep({ digest: select.value }, () => { select.value = kept; }).then(() => { kept = select.value; });
  return el('div', {}, el('p', {}, 'What you have not read by then, in one mail. It comes only when there is something.'), select);
}

function table(wants, keep) {
  const head = el('thead', {}, el('tr', {}, el('th', { scope: 'col' }, el('span', { class: 'hear' }, 'Kind')), WAYS.map(([, text]) => el('th', { scope: 'col' }, text))));
  const order = Object.keys(NAMES), at = ({ type }) => (order.includes(type) ? order.indexOf(type) : order.length);
  const kinds = [...wants.kinds].sort((one, other) => at(one) - at(other));
  return el('table', { class: 'kinds' }, head, el('tbody', {}, kinds.map((kind) => el('tr', {}, el('th', { scope: 'row' }, named(kind.type)),
    WAYS.map(([way, text]) => {
      const box = el('input', { type: 'checkbox', checked: kind[way], 'aria-label': `${named(kind.type)}: ${text}` });
      box.onchange = () => keep({ kinds: [{ type: kind.type, [way]: box.checked }] }, () => { box.checked = !box.checked; });
      return el('td', {}, box);
    })))));
}
