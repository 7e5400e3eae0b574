// Web push, only ever when the person asks for it: registers the worker, asks the browser, and tells the house.

import { ask } from './api.js';
import { person } from './session.js';

// Who asked here: the browser's own subscription outlives the person who is signed in.
const ASKED = 'tutti.push';
const canPush = () => 'serviceWorker' in navigator && 'PushManager' in window && 'Notification' in window;

const base64url = (buffer) => btoa(String.fromCharCode(...new Uint8Array(buffer)))
  .replaceAll('+', '-').replaceAll('/', '_').replaceAll('=', '');

// Whether news comes to this browser: on, off, blocked by the browser, or none where it cannot.
export async function pushState() {
  if (!canPush()) return 'none';
  if (Notification.permission === 'denied') return 'blocked';
  const worker = await navigator.serviceWorker.getRegistration('/');
  const asked = localStorage.getItem(ASKED) === person.value?.id && Notification.permission === 'granted';
  return asked && await worker?.pushManager.getSubscription() ? 'on' : 'off';
}

// Signing out ends the pushes at the house, so this browser has to be asked for anew.
export const forgetPush = () => localStorage.removeItem(ASKED);

export async function startPush() {
  if (await Notification.requestPermission() !== 'granted') return false;
  const worker = await navigator.serviceWorker.register('/service-worker.js', { scope: '/' });
  const { pushKey } = await ask('{ pushKey }');
  const known = await worker.pushManager.getSubscription();
  // A browser that asked with another key of the house has to ask anew.
  if (known && base64url(known.options.applicationServerKey) !== pushKey) await known.unsubscribe();
  await ready(worker);
  const made = await worker.pushManager.subscribe({ userVisibleOnly: true, applicationServerKey: pushKey });
  await ask(
    'mutation($e: String!, $p: String!, $a: String!) { subscribePush(endpoint: $e, p256dh: $p, auth: $a) { success } }',
    { e: made.endpoint, p: base64url(made.getKey('p256dh')), a: base64url(made.getKey('auth')) });
  localStorage.setItem(ASKED, person.value.id);
  return true;
}

export async function stopPush() {
  const worker = await navigator.serviceWorker.getRegistration('/');
  const known = await worker?.pushManager.getSubscription();
  forgetPush();
  if (!known) return;
  await ask('mutation($e: String!) { unsubscribePush(endpoint: $e) { success } }', { e: known.endpoint });
  await known.unsubscribe();
}

// The page itself is outside the worker's scope, so `navigator.serviceWorker.ready` never comes.
function ready(registration) {
  const worker = registration.active ?? registration.waiting ?? registration.installing;
  if (worker.state === 'activated') return Promise.resolve();
  return new Promise((done) => {
    worker.addEventListener('statechange', () => { if (worker.state === 'activated') done(); });
  });
}
