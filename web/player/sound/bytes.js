// The bytes of a song, by ranges, in order, from any place; through cut lines and run-out tickets to the very byte.
// Owns requests, pauses between them and addresses asked anew; knows nothing of what the bytes hold. An address is
// { url } or, for what is kept on this device, { blob }.
import { SoundTrouble } from './trouble.js';

// So much is asked for at once: the reader sets the pace, and nothing is left half taken for long.
const PIECE_BYTES = 1 << 20;
const PAUSES_MS = [0, 500, 1000, 2000, 4000, 8000], ASK_AGAIN_MOST = 3, BUSY_MOST = 40, SILENT_MS = 15_000;

export class Bytes {
  // `address` resolves to where the song is; `hear` is told { waiting: true | false, why }.
  constructor(address, hear = () => {}) {
    Object.assign(this, { address, hear, where: null, tag: null, length: null, requests: 0, taken: 0 });
    this.closing = new AbortController();
  }

  close() { this.closing.abort(); }

  // The bytes from `at` to the end (or to `end`), as they come. Ends when nothing is left.
  async* read(at, end = Infinity) {
    let failures = 0, asked = 0, busy = 0;
    while (at < Math.min(end, this.length ?? Infinity) && !this.closing.signal.aborted) {
      const watch = new AbortController(), quit = () => watch.abort();
      this.closing.signal.addEventListener('abort', quit);
      let timer = null, away = null;
      const alive = () => { clearTimeout(timer); timer = setTimeout(quit, SILENT_MS); };
      try {
        this.where ??= await this.address();
        if (this.where.blob) {
          const part = this.where.blob.slice(at, Math.min(at + PIECE_BYTES / 4, end));
          this.length = this.where.blob.size;
          if (part.size === 0) return;
          yield new Uint8Array(await part.arrayBuffer());
          at += part.size;
          continue;
        }
        alive();
        const answer = await this.ask(at, Math.min(at + PIECE_BYTES, end), watch.signal);
        if (answer.status === 401 || answer.status === 403) {
          answer.body?.cancel();
          this.where = null;
          asked += 1;
          if (asked > ASK_AGAIN_MOST) throw new SoundTrouble('REFUSED', 'The song may not be played just now.');
          if (asked > 1) away = { ms: PAUSES_MS[asked], why: 'refused' };
        } else if (answer.status === 429 || answer.status >= 500) {
          answer.body?.cancel();
          busy += 1;
          if (busy > BUSY_MOST) throw new SoundTrouble('BUSY', 'The house is too busy to play the song.');
          const told = Number(answer.headers.get('Retry-After'));
          away = { ms: Math.min(30_000, told > 0 ? told * 1000 : PAUSES_MS[Math.min(busy, 5)]), why: 'busy' };
        } else {
          if (!this.fits(answer, at)) return;
          const reader = answer.body.getReader();
          for (;;) {
            alive();
            const { done, value } = await reader.read();
            if (done) break;
            clearTimeout(timer);
            this.hear({ waiting: false });
            at += value.length;
            this.taken += value.length;
            failures = asked = busy = 0;
            yield value;
          }
        }
      } catch (trouble) {
        if (this.closing.signal.aborted) return;
        if (trouble instanceof SoundTrouble) throw trouble;
        // An address nobody could give, or a line that broke: both are asked again, ever more seldom.
        away = { ms: PAUSES_MS[Math.min(failures, PAUSES_MS.length - 1)], why: 'line' };
        failures += 1;
        if (trouble?.code === 'UNAUTHENTICATED' || trouble?.final) throw new SoundTrouble('REFUSED', trouble.message);
      } finally {
        clearTimeout(timer);
        // A reader that turned away closes the request with it.
        quit();
        this.closing.signal.removeEventListener('abort', quit);
      }
      if (away) {
        if (away.ms) this.hear({ waiting: true, why: away.why });
        await this.pause(away.ms);
      }
    }
  }

  ask(at, end, signal) {
    this.requests += 1;
    const headers = { Range: `bytes=${at}-${Number.isFinite(end) ? end - 1 : ''}` };
    return fetch(this.where.url, { headers: { ...headers, ...this.where.headers }, signal, cache: 'no-store' });
  }

  // Whether the answer is what was asked for; false where nothing is left to read.
  fits(answer, at) {
    const { status } = answer, refuse = (code, words) => { answer.body?.cancel(); throw new SoundTrouble(code, words); };
    const tag = answer.headers.get('ETag');
    if (status === 410 || status === 412 || (tag && this.tag && tag !== this.tag)) refuse('CHANGED', 'The song has changed since it was begun.');
    if (status === 416) {
      answer.body?.cancel();
      const whole = /\*\/(\d+)/.exec(answer.headers.get('Content-Range') ?? '')?.[1];
      if (this.length === null && Number(whole) === at) { this.length = at; return false; }
      throw new SoundTrouble('CHANGED', 'The song is shorter than it was.');
    }
    if (status === 404) refuse('AWAY', 'There is no such song for you.');
    if (status !== 206 && status !== 200) refuse('AWAY', `The song was answered with ${status}.`);
    if (status === 200 && at > 0) refuse('CHANGED', 'The song is told from its beginning only.');
    if (status === 206) {
      const [, from, , whole] = /bytes (\d+)-(\d+)\/(\d+)/.exec(answer.headers.get('Content-Range') ?? '') ?? [];
      if (Number(from) !== at) refuse('MALFORMED', 'Another part of the song came than was asked for.');
      if (this.length !== null && Number(whole) !== this.length) refuse('CHANGED', 'The song has another length than before.');
      this.length = Number(whole);
    } else if (answer.headers.get('Content-Length') && !answer.headers.get('Content-Encoding')) this.length = Number(answer.headers.get('Content-Length'));
    this.tag ??= tag;
    this.named ??= answer.headers.get('X-Tutti-Rendition');
    return true;
  }

  // Ends early when the machine is on-line again, or when all is over.
  pause(ms) {
    if (!ms) return Promise.resolve();
    return new Promise((done) => {
      const end = () => { clearTimeout(timer); globalThis.removeEventListener?.('online', end); this.closing.signal.removeEventListener('abort', end); done(); };
      const timer = setTimeout(end, ms);
      globalThis.addEventListener?.('online', end);
      this.closing.signal.addEventListener('abort', end);
    });
  }
}
