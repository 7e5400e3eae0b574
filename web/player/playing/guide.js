// Who says what plays while people listen together: the room that one sits in, or nobody. The own queue waits meanwhile.
import { signal } from '@preact/signals-core';

// `{ add(songIds), toggle(), next(), seek(ms), setVolume(0 to 100) }`, or null.
export const guide = signal(null);
