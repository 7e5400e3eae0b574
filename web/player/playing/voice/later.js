// The engine before it is there: fetched once the first page is shown, or when something is to sound. What it is told
// meanwhile it hears when it comes, in that order. The same interface as `engine.js`.
let real = null, coming = null, held = null;
const told = [], lasting = new Map();

// Fetches the engine; a second time only if the first failed.
export function fetchEngine() {
  coming ??= import('./engine.js').then(arrive, (error) => { coming = null; throw error; });
  return coming;
}

function arrive(engine) {
  real = engine;
  for (const [name, given] of [...lasting, ...told.splice(0)]) engine[name](...given);
}

// It could not be fetched: whoever listens is told that the song cannot be played this way.
function failed() {
  told.length = 0;
  lasting.get('hear')?.[0].broke(held);
}

const tells = (name) => (...given) => { if (real) real[name](...given); else told.push([name, given]); };
const lasts = (name) => (...given) => { if (real) real[name](...given); else lasting.set(name, given); };

export const hear = lasts('hear'), loudness = lasts('loudness'), pace = lasts('pace');
export const follow = tells('follow'), arrived = tells('arrived'), play = tells('play'), pause = tells('pause'), seek = tells('seek'), letGo = tells('letGo');

// Within a gesture: lets the browser sound from now on.
export function wake() {
  tells('wake')();
  fetchEngine().catch(() => { /* told when something is to be held */ });
}

export function hold(sound, how) {
  held = sound.key;
  tells('hold')(sound, how);
  fetchEngine().catch(failed);
}

// Milliseconds into what is held; null while it holds nothing.
export const positionMs = () => real?.positionMs() ?? null;
