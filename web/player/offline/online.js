// Whether there is a network, as far as a browser can say.
import { signal } from '@preact/signals-core';

export const online = signal(navigator.onLine);

addEventListener('online', () => { online.value = true; });
addEventListener('offline', () => { online.value = false; });

// Calls `act` now, if there is a network, and whenever it comes back.
export function whenOnline(act) {
  return online.subscribe((there) => { if (there) act(); });
}
