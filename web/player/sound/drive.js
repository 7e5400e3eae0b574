// What moves the sound on, looked after 25 times a second: begins songs, lays the next behind the one that plays, tells
// what is heard. Owns that order of things; the interface is in sound.js, the samples are in lanes.js.
import { ElementWay } from './element.js';
import { plan } from './transition.js';

const PREPARE_S = 20, START_S = 0.1, LATE_S = 30;

export class Drive {
  constructor() {
    Object.assign(this, { items: [], index: -1, state: 'idle', current: null, ready: null, lanes: null, way: null, wants: false, at: null, start: null });
    Object.assign(this, { leaving: null, told: null, heardMs: 0, lastFrame: null, problems: 0, bad: new Set(), hearers: new Map(), waits: null, looking: false });
  }

  // Returns a function that takes the hearer off again.
  on(name, hear) {
    if (!this.hearers.has(name)) this.hearers.set(name, new Set());
    this.hearers.get(name).add(hear);
    return () => this.hearers.get(name).delete(hear);
  }

  tell(name, news) { for (const hear of [...(this.hearers.get(name) ?? [])]) hear(news); }

  set(state) {
    if (state !== 'waiting') this.wait(null);
    if (state === this.state) return;
    this.state = state;
    this.tell('state', { state });
  }

  wait(why) {
    if (why === this.waits) return;
    this.waits = why;
    this.tell('waiting', { waiting: why !== null, why });
  }

  after(index) {
    let next = this.repeatOne ? index : index + 1;
    while (!this.repeatOne && this.bad.has(this.items[next])) next += 1;
    return next < this.items.length ? next : null;
  }

  look() {
    // A source that answers at once calls back from within.
    if (this.looking || !this.current) return;
    this.looking = true;
    try { this.step(); } finally { this.looking = false; }
  }

  step() {
    if (this.way || !this.wants) return;
    const { lanes, current } = this;
    if (!this.output.running) {
      if (current.head || current.trouble) { this.set('waiting'); this.wait('gesture'); }
      return;
    }
    if (current.trouble && this.isDry(current)) { this.failed(current); return; }
    if (!lanes.lanes.length) this.begin();
    lanes.fill();
    if (this.layNext()) lanes.fill();
    this.follow();
  }

  // Whether nothing more of it can sound.
  isDry(source) {
    const lane = this.lanes.lanes.find((each) => each.source === source);
    if (!lane) return true;
    return lane.starved && !(this.lanes.heard()?.sounds);
  }

  begin() {
    const { current, lanes, output, start } = this;
    if (!current.head) { this.set('waiting'); this.wait(current.waiting ?? 'bytes'); return; }
    let atMs = start ? start.positionMs : this.at.ms, frame = output.frame + lanes.lead;
    if (start) {
      const wanted = Math.round(output.heardFrame(start.performanceMs));
      // Too late for the moment: the place that is due a little later.
      if (wanted < frame) atMs += ((frame - wanted) * 1000 * lanes.speed * lanes.nudge) / output.rate;
      else frame = wanted;
    }
    const { pcm, rate } = current, from = Math.round((atMs * rate) / 1000);
    const there = pcm.from <= from && (pcm.to - from >= START_S * rate || (pcm.total !== null && pcm.to >= pcm.total));
    if (!there) {
      // What is late catches up, for it comes faster than it sounds; asked for anew each time, it would never be there.
      if (from < pcm.from || from > pcm.to + LATE_S * rate) current.enter(atMs); else current.want(from);
      this.set('waiting');
      this.wait(current.waiting ?? 'bytes');
      return;
    }
    this.lay(current, this.index, { atMs, frame, rising: from > 0 });
    if (start) {
      this.start = null;
      start.done({ atMs, frame, performanceMs: start.performanceMs + (atMs - start.positionMs) / (lanes.speed * lanes.nudge) });
    }
  }

  lay(source, index, place) {
    const lane = this.lanes.add({ index, item: source.item, source, ...place });
    this.planEnd(lane);
    return lane;
  }

  // How the lane ends, by what comes behind it.
  planEnd(lane) {
    const next = this.after(lane.index), item = lane.item, behind = next === null ? null : this.items[next];
    // A hint is about the very next song, not about one behind it that could not be played, nor about itself again.
    const told = next !== lane.index + 1 ? { ...item, next: null } : item;
    lane.plan = behind ? plan(told, behind, this.repeatOne ? 0 : this.crossfadeMs) : plan({ ...item, next: null }, item, 0);
    lane.planned = true;
    const { endMs, fadeOutMs } = lane.plan, samples = (ms) => Math.round((ms * lane.source.rate) / 1000);
    lane.end = endMs === null ? null : samples(endMs);
    lane.fades.out = fadeOutMs ? [samples(endMs - fadeOutMs), samples(endMs)] : null;
  }

  // Lays the next song once its beginning is near; true when it did.
  layNext() {
    const { lanes, output } = this, last = lanes.lanes.at(-1);
    if (!last) return false;
    if (!last.planned) this.planEnd(last);
    const next = this.after(last.index);
    if (next === null) return false;
    const end = lanes.endFrame(last), pace = lanes.speed * lanes.nudge;
    const left = end === null ? ((last.item.durationMs / 1000) * last.source.rate - last.at) / lanes.pace(last) + last.cursor - output.frame : end - output.frame;
    if (last.source.fetched && left < PREPARE_S * output.rate) this.prepare(next, last.plan.startMs);
    const { ready } = this;
    if (!ready || ready.index !== next) return false;
    if (ready.source.trouble) { this.passOver(ready, last); return false; }
    if (end === null) return false;
    const frame = end + Math.round(((last.plan.gapMs - last.plan.overlapMs) * output.rate) / 1000 / pace);
    if (frame > lanes.horizon || !ready.source.head) return false;
    const { fadeInMs, startMs } = last.plan, { pcm, rate } = ready.source;
    if (pcm.to - pcm.from < START_S * rate && !ready.source.fetched) return false;
    this.ready = null;
    this.lay(ready.source, next, { atMs: startMs, frame, fades: fadeInMs ? { in: [startMs, startMs + fadeInMs] } : {} });
    return true;
  }

  prepare(index, ms) {
    if (this.ready?.index === index) return;
    this.ready?.source.close();
    this.ready = { index, source: this.make(index) };
    this.ready.source.enter(ms);
  }

  // A song that cannot be played, found before its turn: the one behind it takes its place.
  passOver({ source }, last) {
    this.tell('problem', { item: source.item, code: source.trouble.code, message: source.trouble.message });
    source.close();
    this.ready = null;
    this.bad.add(source.item);
    Object.assign(last, { planned: false });
    if (this.repeatOne) this.finish('problem');
  }

  // The song itself cannot be played, or not on.
  failed(source) {
    const { trouble, item } = source;
    const ms = this.positionMs();
    if (trouble.code === 'UNSUPPORTED' || trouble.code === 'TOO_LARGE') { this.useElement(source, ms, trouble.message); return; }
    this.tell('problem', { item, code: trouble.code, message: trouble.message });
    this.problems += 1;
    this.start?.done(null);
    this.start = null;
    this.bad.add(item);
    const next = this.after(this.index);
    if (next !== null && next !== this.index && this.problems < this.items.length) this.go(next, 0, { play: true, why: 'problem' });
    else this.finish('problem');
  }

  // What the browser can only play by itself, it does; without gapless joints, crossfade and gain above 1.
  useElement(source, ms, why) {
    this.hush();
    this.why = why;
    this.way = new ElementWay({
      item: source.item, ms, volume: this.volume, rate: this.rate,
      address: (format) => this.addressOf(source.item, { quality: this.quality, format }),
      hear: (news) => {
        if (news.state) this.set(news.state);
        if (news.ended) { const next = this.after(this.index); if (next === null) this.finish('ended'); else this.go(next, 0, { play: true, why: 'ended' }); }
        if (news.trouble) { this.way?.close(); this.way = null; source.trouble = news.trouble; this.failed(source); }
      },
    });
    this.announce({ index: this.index, item: source.item });
    if (this.wants) this.way.play();
  }

  // Tells what is heard, at the moment it is heard.
  follow() {
    const { lanes, output } = this, frame = output.heardFrame(), heard = lanes.heard(frame);
    if (!heard) { if (this.state !== 'waiting') this.set('waiting'); return; }
    const { lane } = heard;
    if (lane !== this.told?.lane) {
      // The joint itself lies between two looks: what was heard up to it belongs to the song before.
      if (this.told?.lane && this.lastFrame !== null) this.heardMs += Math.max(0, ((lane.begins - this.lastFrame) * 1000) / output.rate);
      this.announce({ index: lane.index, item: lane.item, lane });
      this.lastFrame = lane.pieces[0].frame;
    }
    if (heard.sounds) this.count(frame, heard);
    this.at = { ms: heard.ms };
    if (heard.sounds) this.set('playing');
    else if (lane.done && this.after(lane.index) === null) { this.finish('ended'); return; }
    else { this.lastFrame = null; this.set('waiting'); this.wait(lane.plan.gapMs && lane.done ? null : lane.source.waiting ?? 'bytes'); }
    for (const gone of lanes.sweep()) if (gone.source !== this.current) gone.source.close();
  }

  announce({ index, item, lane = null }) {
    if (this.told?.item === item && this.told.lane === null) { this.told.lane = lane; return; }
    if (this.told) this.leave('ended');
    this.told = { item, lane };
    if (lane) { this.current = lane.source; this.problems = 0; }
    this.index = index;
    const left = this.leaving ?? { before: null, why: null, heardMs: 0 };
    this.leaving = null;
    this.tell('item', { item, index, ...left });
  }

  // Counts what was heard since the last look.
  count(frame = this.output?.heardFrame(), heard = this.lanes?.heard(frame)) {
    if (this.way) return;
    if (!heard || !this.told) { this.lastFrame = null; return; }
    const to = heard.sounds ? frame : Math.min(frame, heard.lane.cursor);
    if (this.lastFrame !== null && to > this.lastFrame) this.heardMs += ((to - this.lastFrame) * 1000) / this.output.rate;
    this.lastFrame = to;
  }

  leave(why) {
    if (why !== 'ended') this.count();
    if (this.way) this.heardMs = this.way.heardMs;
    if (this.told) this.leaving = { before: this.told.item, why, heardMs: Math.round(this.heardMs) };
    Object.assign(this, { told: null, heardMs: 0, lastFrame: null });
  }

  // The end of the line.
  finish(why) {
    this.count();
    const item = this.told?.item ?? this.item;
    this.leave(why === 'ended' ? 'ended' : why);
    const heardMs = this.leaving?.heardMs ?? 0;
    this.leaving = null;
    this.hush();
    this.current?.close();
    Object.assign(this, { wants: false, at: { ms: 0 }, current: null });
    this.set('ended');
    this.tell('ended', { item, why, heardMs });
  }
}
