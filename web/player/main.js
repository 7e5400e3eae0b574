// Opens the player: who is signed in, which language, how it looks, and then the frame with the page of this address.
import { open } from './frame/frame.js';
import { areas, chooseLanguage } from './language/language.js';
import { wear } from './look/theme.js';
import { openPushed } from './session/pushed.js';
import { startZone } from './session/zone.js';
import { startKeys } from './playing/keys.js';
import { startMedia } from './playing/media.js';
import { startPlayer } from './playing/player.js';
import { startSleeping } from './playing/sleep.js';

wear();
await chooseLanguage();
open(document.getElementById('frame'));
// What is for times without a network can wait until the page is there.
(globalThis.requestIdleCallback ?? setTimeout)(() => import('./offline/start.js').then(({ start }) => start()));
await areas('playing');
startPlayer();
startMedia();
startSleeping();
startKeys();
startZone();
// A pushed notification opens the page by what it is about.
navigator.serviceWorker?.addEventListener('message', ({ data }) => { if (data?.open) openPushed(data.open); });
openPushed(location.href);
