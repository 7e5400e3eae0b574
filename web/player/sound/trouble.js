// What can go wrong with a song's sound, in words a caller can tell apart. `code` is one of:
// MALFORMED (not sound of the kind it should be), UNSUPPORTED (this browser cannot decode it), CHANGED (another file
// than before), AWAY (no such song for this listener), REFUSED (the address stays refused), TOO_LARGE, BUSY, OFFLINE.
export class SoundTrouble extends Error {
  constructor(code, message) {
    super(message);
    this.name = 'SoundTrouble';
    this.code = code;
  }
}
