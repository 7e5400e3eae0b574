// How somebody stays themselves: two-step sign-in, the devices they are signed in on, keys and app passwords.
import { ask } from './api.js';
import { el, notice } from './element.js';

const SCOPES = [['READ', 'Read'], ['WRITE', 'Change the library'], ['STREAM', 'Play'], ['UPLOAD', 'Upload'], ['MANAGE', 'Act in my roles']];
export const day = (text) => (text ? new Date(text).toLocaleDateString(undefined, { day: 'numeric', month: 'long', year: 'numeric' }) : 'never');

export async function twoSteps() {
  const box = el('div', { class: 'security' });
  const show = async () => {
    const { secondFactor: state } = await ask('{ secondFactor { enabled since recoveryCodesLeft } }');
    box.replaceChildren(...(state.enabled ? on(state) : off()));
  };
  const off = () => [
    el('p', {}, 'Signing in asks for a code of an authenticator app too, so that your password alone opens nothing.'),
    form('Set it up', [passwordField()], async ({ password }) => {
      const { beginSecondFactor: begun } = await ask('mutation($p: String) { beginSecondFactor(password: $p) { secret otpauthUrl qrSvg } }', { p: password });
      const picture = el('img', { class: 'qr', alt: 'QR code of the secret', width: 200, height: 200,
        src: `data:image/svg+xml,${encodeURIComponent(begun.qrSvg)}` });
      box.replaceChildren(
        el('p', {}, 'Scan this with your authenticator, or type the secret there. Then enter the code that it shows.'), picture,
        el('p', {}, el('code', { class: 'secret' }, begun.secret), ' ', el('a', { href: begun.otpauthUrl }, 'Open in an app')),
        form('Turn on', [codeField()], async ({ code }) => {
          const data = await ask('mutation($c: String!) { confirmSecondFactor(code: $c) { recoveryCodes } }', { c: code });
          codes(data.confirmSecondFactor.recoveryCodes);
        }));
    }),
  ];
  const on = (state) => [
    el('p', {}, `On since ${day(state.since)}. ${state.recoveryCodesLeft} of 10 recovery codes are left.`),
    form('New recovery codes', [codeField(), passwordField()], async ({ code, password }) => {
      const data = await ask('mutation($c: String!, $p: String) { renewRecoveryCodes(code: $c, password: $p) { recoveryCodes } }', { c: code, p: password });
      codes(data.renewRecoveryCodes.recoveryCodes);
    }),
    form('Turn off', [codeField(), passwordField()], async ({ code, password }) => {
      await ask('mutation($c: String!, $p: String) { turnOffSecondFactor(code: $c, password: $p) { success } }', { c: code, p: password });
      notice('Two-step sign-in is off.');
      await show();
    }),
  ];
  const codes = (list) => box.replaceChildren(
    el('p', { role: 'status' }, 'Two-step sign-in is on. Keep these recovery codes where you find them without your authenticator; each is good once, and they are not shown again.'),
    el('ul', { class: 'codes' }, list.map((code) => el('li', {}, el('code', {}, code)))),
    el('button', { class: 'quiet', onclick: show }, 'I have kept them'));
  await show();
  return box;
}

export async function devices() {
  const box = el('div', { class: 'security' });
  const show = async () => {
    const { mySessions: found } = await ask('{ mySessions { id deviceName network lastUsedAt isCurrent isAppPassword } }');
    box.replaceChildren(el('ul', { class: 'lines' }, found.map((each) => el('li', {},
      el('div', {}, el('strong', {}, each.deviceName), el('small', {}, [each.network !== 'unknown' && each.network,
        `last used ${day(each.lastUsedAt)}`, each.isAppPassword && 'by an app password', each.isCurrent && 'this device'].filter(Boolean).join(' · '))),
      !each.isCurrent && act('Sign out', `Sign out on ${each.deviceName}`, async () => {
        await ask('mutation($id: ID!) { revokeSession(id: $id) { success } }', { id: each.id });
        await show();
      })))),
    found.length > 1 && act('Sign out everywhere else', '', async () => {
      const { logoutEverywhere: { ended } } = await ask('mutation { logoutEverywhere { ended } }');
      notice(ended === 1 ? 'One session was ended.' : `${ended} sessions were ended.`);
      await show();
    }) || '');
  };
  await show();
  return box;
}

export async function keys() {
  const box = el('div', { class: 'security' });
  const show = async (fresh) => {
    const { myAppPasswords: apps, myApiKeys: programs } = await ask('{ myAppPasswords { ...k } myApiKeys { ...k } } fragment k on AccessKey { id name prefix scopes lastUsedAt }');
    const line = (revoke) => (key) => el('li', {},
      el('div', {}, el('strong', {}, key.name), el('small', {}, `${key.prefix}… · ${key.scopes.join(', ').toLowerCase()} · last used ${day(key.lastUsedAt)}`)),
      act('Revoke', `Revoke ${key.name}`, async () => { await ask(`mutation($id: ID!) { ${revoke}(id: $id) { success } }`, { id: key.id }); await show(); }));
    box.replaceChildren(
      fresh && el('p', { role: 'status' }, 'Copy it now, it is not shown again: ', el('code', { class: 'secret' }, fresh)) || '',
      el('p', {}, 'For players that ask for a name and a password. An app password plays and changes your library, and cannot touch your account.'),
      el('ul', { class: 'lines' }, apps.map(line('revokeAppPassword'))),
      form('New app password', [nameField('Which player'), passwordField()], async ({ name, password }) => {
        const data = await ask('mutation($n: String!, $p: String) { createAppPassword(name: $n, password: $p) { secret } }', { n: name, p: password });
        await show(data.createAppPassword.secret);
      }),
      el('p', {}, 'For programs of your own: an API key is sent as a Bearer token and does what you tick.'),
      el('ul', { class: 'lines' }, programs.map(line('revokeApiKey'))),
      form('New API key', [nameField('Which program'), scopeBoxes(), passwordField()], async ({ name, password }, at) => {
        const scopes = [...at.querySelectorAll('input:checked')].map((each) => each.value);
        const data = await ask('mutation($n: String!, $s: [KeyScope!]!, $p: String) { createApiKey(name: $n, scopes: $s, password: $p) { secret } }', { n: name, s: scopes, p: password });
        await show(data.createApiKey.secret);
      }));
  };
  await show();
  return box;
}

export const field = (attributes) => el('input', { required: true, placeholder: attributes['aria-label'], ...attributes });
const passwordField = () => field({ type: 'password', name: 'password', autocomplete: 'current-password', 'aria-label': 'Your password' });
const codeField = () => field({ type: 'text', name: 'code', autocomplete: 'one-time-code', maxlength: 40, 'aria-label': 'Code' });
const nameField = (text) => field({ type: 'text', name: 'name', autocomplete: 'off', maxlength: 60, 'aria-label': text });
const scopeBoxes = () => el('fieldset', {}, el('legend', { class: 'hear' }, 'What it may do'), SCOPES.map(([value, text]) =>
  el('label', {}, el('input', { type: 'checkbox', value, checked: value === 'READ' }), ` ${text}`)));

export function form(text, fields, send) {
  const failed = el('p', { class: 'failed', role: 'alert' }), button = el('button', { class: 'quiet', type: 'submit' }, text);
  const made = el('form', { onsubmit: async (event) => {
    event.preventDefault();
    button.disabled = true;
    failed.textContent = '';
    const given = Object.fromEntries([...made.elements].filter((each) => each.name).map((each) => [each.name, each.value]));
    try { await send(given, made); } catch (error) { failed.textContent = error.message; }
    button.disabled = false;
  } }, fields, button, failed);
  return made;
}

export function act(text, label, work) {
  const button = el('button', { class: 'quiet', type: 'button', 'aria-label': label || text, onclick: async () => {
    button.disabled = true;
    try { await work(); } catch (error) { notice(error.message); button.disabled = false; }
  } }, text);
  return button;
}
