// Puts the service worker up, and takes up what is kept; called once the player is open, so that it slows nothing.
import { effect } from '@preact/signals-core';
import { language } from '../language/language.js';
import { person } from '../session/session.js';
import { canKeep, openDownloads } from './downloads.js';
import { startReports } from './reports.js';

export async function start() {
  if (!canKeep) return;
  // Without it the player works as ever; only not without a network.
  const registered = await navigator.serviceWorker.register('/service-worker.js', { scope: '/' }).catch(() => null);
  if (registered) navigator.serviceWorker.ready.then(({ active }) => effect(() => active.postMessage({ language: language.value })));
  startReports();
  effect(() => { if (person.value) openDownloads(); });
}
