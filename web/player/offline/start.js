// Puts the service worker up, and takes up what is kept; called once the player is open, so that it slows nothing.
import { effect } from '@preact/signals-core';
import { language } from '../language/language.js';
import { person } from '../session/session.js';
import { farewells } from '../session/sign_in.js';
import { canKeep, forgetAll, openDownloads } from './downloads.js';
import { send, startReports } from './reports.js';

// How long somebody who signs out waits for their last plays to be told.
const MOMENT_MS = 2000;

export async function start() {
  if (!canKeep) return;
  // Without it the player works as ever; only not without a network.
  const registered = await navigator.serviceWorker.register('/service-worker.js', { scope: '/' }).catch(() => null);
  if (registered) navigator.serviceWorker.ready.then(({ active }) => effect(() => active.postMessage({ language: language.value })));
  startReports();
  // The house ends its pushes to whoever signs out.
  farewells.add(async () => (await import('../session/push.js')).forgetPush());
  farewells.add(async () => {
    await Promise.race([send(), new Promise((done) => { setTimeout(done, MOMENT_MS); })]);
    await forgetAll();
  });
  person.subscribe(openDownloads);
}
