// Opens the player: who is signed in, which language, how it looks, and then the frame with the page of this address.
import { effect } from '@preact/signals-core';
import { open } from './frame/frame.js';
import { shown } from './frame/router.js';
import { areas, chooseLanguage } from './language/language.js';
import { wear } from './look/theme.js';
import { openPushed } from './session/pushed.js';
import { startZone } from './session/zone.js';
import { startKeys } from './playing/keys.js';
import { startMedia } from './playing/media.js';
import { startPlayer } from './playing/player.js';
import { startSleeping } from './playing/sleep.js';
import { fetchEngine } from './playing/voice/later.js';

wear();
await chooseLanguage();
open(document.getElementById('frame'));
// What the first page does not need comes when it is shown: first what sounds, then what is for times without a network.
const idle = () => new Promise((done) => { (globalThis.requestIdleCallback ?? setTimeout)(done); });
new Promise((done) => { effect(() => { if (shown.value.state !== 'loading') done(); }); })
  .then(idle).then(fetchEngine).catch(() => { /* fetched again when something is to sound */ })
  .then(idle).then(() => import('./offline/start.js')).then(({ start }) => start());
await areas('playing');
startPlayer();
startMedia();
startSleeping();
startKeys();
startZone();
// A pushed notification opens the page by what it is about.
navigator.serviceWorker?.addEventListener('message', ({ data }) => { if (data?.open) openPushed(data.open); });
openPushed(location.href);
