// Sends one file in pieces, and goes on where a broken line stopped (docs/uploads.md). Draws nothing.
import { signal } from '@preact/signals-core';
import { ApiError, ask } from '../../session/api.js';
import { renew, token } from '../../session/session.js';

const PIECE = 8 * 1024 * 1024, LONGEST_PAUSE_MS = 15000, SIGNED_OUT = 401;
const CREATE = 'mutation($name: String!, $size: Int!) { createUpload(fileName: $name, size: $size) { upload { id url } } }';

const pause = (ms) => new Promise((done) => { setTimeout(done, ms); });

// One PUT. Resolves to { status, offset, refusal }, status 0 when the line broke; `moved` learns of bytes on the way.
function put(url, blob, range, moved, stop) {
  return new Promise((done) => {
    const request = new XMLHttpRequest();
    request.open('PUT', url);
    request.setRequestHeader('Authorization', `Bearer ${token()}`);
    request.setRequestHeader('Content-Range', range);
    request.upload.onprogress = ({ loaded }) => moved(loaded);
    request.onloadend = () => {
      const offset = request.getResponseHeader('Upload-Offset');
      let refusal = null;
      try { refusal = JSON.parse(request.responseText).error; } catch { /* an answer without words */ }
      done({ status: request.status, offset: offset === null ? null : Number(offset), refusal });
    };
    stop.addEventListener('abort', () => request.abort(), { once: true });
    request.send(blob);
  });
}

// `state` is 'sending', 'waiting' (for the line), 'sent', 'failed' or 'cancelled'; `sent` counts bytes.
export class Sending {
  constructor(file) {
    Object.assign(this, { file, id: null, url: null, state: signal('sending'), sent: signal(0), refusal: signal(null), stop: new AbortController() });
  }

  async run() {
    try {
      if (!this.id) {
        const { createUpload: { upload } } = await ask(CREATE, { name: this.file.name.slice(0, 200), size: this.file.size });
        Object.assign(this, upload);
      }
      await this.sendAll();
      this.state.value = 'sent';
    } catch (error) {
      if (this.state.value === 'cancelled') return;
      this.refusal.value = error.message;
      this.state.value = 'failed';
    }
  }

  async sendAll() {
    const { size } = this.file, { signal: stop } = this.stop;
    let wait = 500;
    for (let offset = 0; offset < size;) {
      if (stop.aborted) throw new Error('cancelled');
      const piece = this.file.slice(offset, Math.min(size, offset + PIECE)), begin = offset;
      const answer = await put(this.url, piece, `bytes ${begin}-${begin + piece.size - 1}/${size}`, (loaded) => { this.sent.value = begin + loaded; }, stop);
      if (answer.status === 200) offset = size;
      else if ([308, 409].includes(answer.status) && answer.offset !== null) offset = answer.offset;
      else if (answer.status === SIGNED_OUT) await renew();
      else if (answer.status === 0 || answer.status >= 500 || answer.status === 429 || answer.refusal?.code === 'UPLOAD_BUSY') {
        if (stop.aborted) throw new Error('cancelled');
        this.state.value = 'waiting';
        await pause(wait);
        wait = Math.min(LONGEST_PAUSE_MS, wait * 2);
        offset = await this.kept() ?? offset;
      } else throw new ApiError({ message: answer.refusal?.message ?? `The server answered ${answer.status}.` });
      if (answer.status === 308 || answer.status === 200) { wait = 500; this.state.value = 'sending'; }
      this.sent.value = offset;
    }
  }

  // How many bytes the server has, or null while it cannot be asked.
  async kept() {
    try {
      const answer = await fetch(this.url, { method: 'HEAD', headers: { authorization: `Bearer ${token()}` } });
      return answer.ok ? Number(answer.headers.get('Upload-Offset')) : null;
    } catch { return null; }
  }

  async cancel() {
    this.state.value = 'cancelled';
    this.stop.abort();
    if (this.id) await ask('mutation($id: ID!) { cancelUpload(uploadId: $id) { success } }', { id: this.id }).catch(() => { /* forgotten after a day */ });
  }
}
