// The players' socket, `/ws`: operations with answers, events, and coming back after a loss.
const LONGEST_PAUSE_MS = 10000, ANSWER_WITHIN_MS = 10000;
// What a close code, or a refused hello, says about coming back: these do not change by asking again.
const FINAL = new Set([4400, 4401, 4403]), REFUSED = new Set(['UNAUTHENTICATED', 'TOKEN_INVALID', 'TOKEN_EXPIRED']);

export class PlayerSocket {
  // `hello` is sent first, each time, or called for what to send; `opened` is called with its answer once somebody is
  // let in, `heard` for each event. Who can get a better token gives `renewed`: it says whether to try again.
  constructor(hello, { opened, heard, lost, over, renewed = async () => false }) {
    Object.assign(this, { hello, opened, heard, lost, over, renewed, waiting: new Map(), count: 0, pause: 250, ended: false });
  }

  connect() {
    if (this.ended) return;
    this.refused = null;
    this.socket = new WebSocket(`${location.protocol === 'https:' ? 'wss' : 'ws'}://${location.host}/ws`);
    this.socket.onmessage = ({ data }) => this.take(JSON.parse(data));
    this.socket.onopen = async () => {
      try {
        const answer = await this.ask('hello', typeof this.hello === 'function' ? this.hello() : this.hello);
        await this.opened(answer);
        this.pause = 250;
      } catch (error) { this.refused = error; this.socket.close(); }
    };
    this.socket.onclose = ({ code, reason }) => this.closed(code, reason);
  }

  async closed(code, reason) {
    for (const { fail } of this.waiting.values()) fail(new Error('The connection was lost.'));
    this.waiting.clear();
    if (this.ended) return;
    const why = reason || this.refused?.message;
    if ((FINAL.has(code) || REFUSED.has(this.refused?.code)) && !await this.renewed()) {
      if (!this.ended) this.over(why);
      return;
    }
    if (this.ended) return;
    this.lost();
    setTimeout(() => this.connect(), this.pause * (0.5 + Math.random() / 2));
    this.pause = Math.min(this.pause * 2, LONGEST_PAUSE_MS);
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
      if (this.socket?.readyState === WebSocket.OPEN) this.socket.send(JSON.stringify({ op, id, ...members }));
      else this.give(id, new Error('There is no connection just now.'));
    });
  }

  give(id, error) {
    const waits = this.waiting.get(id);
    this.waiting.delete(id);
    waits?.fail(error);
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
