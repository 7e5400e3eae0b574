// The players' socket, `/ws`: operations with answers, events, and coming back after a loss.
const LONGEST_PAUSE_MS = 10000, ANSWER_WITHIN_MS = 10000;
// What a close code says about coming back: these do not change by asking again.
const FINAL = new Set([4400, 4401, 4403]);

export class PlayerSocket {
  // `hello` is sent first, each time; `opened` is called once somebody is let in, `heard` for each event.
  constructor(hello, { opened, heard, lost, over }) {
    Object.assign(this, { hello, opened, heard, lost, over, waiting: new Map(), count: 0, pause: 250, ended: false });
  }

  connect() {
    this.socket = new WebSocket(`${location.protocol === 'https:' ? 'wss' : 'ws'}://${location.host}/ws`);
    this.socket.onmessage = ({ data }) => this.take(JSON.parse(data));
    this.socket.onopen = async () => {
      try {
        await this.ask('hello', this.hello);
        this.pause = 250;
        await this.opened();
      } catch (error) { this.refused = error; this.socket.close(); }
    };
    this.socket.onclose = ({ code, reason }) => {
      for (const { fail } of this.waiting.values()) fail(new Error('The connection was lost.'));
      this.waiting.clear();
      if (this.ended) return;
      if (FINAL.has(code) || this.refused?.code === 'UNAUTHENTICATED') { this.over(reason || this.refused?.message); return; }
      this.lost();
      setTimeout(() => this.connect(), this.pause * (0.5 + Math.random() / 2));
      this.pause = Math.min(this.pause * 2, LONGEST_PAUSE_MS);
    };
  }

  close() {
    this.ended = true;
    this.socket?.close(1000);
  }

  ask(op, members = {}) {
    const id = String(this.count += 1);
    return new Promise((done, fail) => {
      const timer = setTimeout(() => { this.waiting.delete(id); fail(new Error('No answer came.')); }, ANSWER_WITHIN_MS);
      this.waiting.set(id, { done: (answer) => { clearTimeout(timer); done(answer); }, fail: (error) => { clearTimeout(timer); fail(error); } });
      if (this.socket.readyState === WebSocket.OPEN) this.socket.send(JSON.stringify({ op, id, ...members }));
      else this.waiting.get(id).fail(new Error('The connection was lost.'));
    });
  }

  take(frame) {
    if (frame.ev) { this.heard(frame); return; }
    const waits = this.waiting.get(frame.re);
    if (!waits) return;
    this.waiting.delete(frame.re);
    if (frame.error) waits.fail(Object.assign(new Error(frame.error.message), { code: frame.error.code }));
    else waits.done(frame);
  }
}
