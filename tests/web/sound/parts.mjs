// The pure parts of the player's sound, run by Node: prints one line of JSON. Words: folder of the modules, folder of songs.
import { readFileSync } from 'node:fs';
import { pathToFileURL } from 'node:url';

const [modules, songs] = process.argv.slice(2);
const part = (name) => import(pathToFileURL(`${modules}/${name}.mjs`));
const [{ OggOpus }, { Flac }, { Bytes }, { Pcm }, { read }, { Stretch }, gain, { plan }, { Lanes }] = await Promise.all(
  ['ogg', 'flac', 'bytes', 'pcm', 'resample', 'stretch', 'gain', 'transition', 'lanes'].map(part));
const out = {};

function take(Kind, bytes, step) {
  const demux = new Kind(), packets = [];
  for (let at = 0; at < bytes.length; at += step) packets.push(...demux.push(bytes.subarray(at, at + step)));
  packets.push(...demux.end());
  const joints = packets.slice(1).every((each, index) => each.at === packets[index].at + packets[index].samples);
  const sizes = packets.reduce((sum, { data }) => sum + data.length, 0);
  return { packets: packets.length, samples: demux.samples, joints, sizes, first: packets[0]?.at, rate: demux.head.sampleRate, channels: demux.head.channels };
}

const tried = (act) => { try { return act(); } catch (trouble) { return trouble.code ?? `${trouble.name}: ${trouble.message}`; } };
for (const [name, Kind] of [['house.opus', OggOpus], ['other.opus', OggOpus], ['house.flac', Flac], ['other.flac', Flac]]) {
  const bytes = new Uint8Array(readFileSync(`${songs}/${name}`));
  const whole = take(Kind, bytes, 65536);
  const places = [], demux = new Kind();
  demux.push(bytes.subarray(0, Math.min(bytes.length, 20000)));
  for (const sample of [0, 1, 30000, 100000, whole.samples - 1]) {
    const offset = demux.place(sample, bytes.length, whole.samples), other = new Kind();
    Object.assign(other, { ...demux, points: [...demux.points] });
    other.goTo(offset);
    const [packet] = [...other.push(bytes.subarray(offset)), ...other.end()];
    places.push([sample, offset, packet.at]);
  }
  // Cut anywhere, or with rubbish in it: an answer or a clear word, and always an end.
  const harmed = [];
  for (const cut of [0, 3, 50, 203, 1000, bytes.length - 1]) harmed.push(tried(() => take(Kind, bytes.subarray(0, cut), 777).packets));
  const random = (seed) => () => { seed = (seed * 1103515245 + 12345) & 0x7fffffff; return seed / 0x7fffffff; };
  for (let seed = 1; seed <= 8; seed += 1) {
    const next = random(seed), spoiled = bytes.slice();
    for (let each = 0; each < 40; each += 1) spoiled[Math.floor(next() * spoiled.length)] = Math.floor(next() * 256);
    harmed.push(tried(() => take(Kind, spoiled, 4096).packets));
  }
  const rubbish = Uint8Array.from({ length: 3 << 20 }, random(99));
  rubbish.set(bytes.subarray(0, 203));
  harmed.push(tried(() => take(Kind, rubbish, 65536).packets));
  out[name] = { small: take(Kind, bytes, 1009), whole, places, harmed };
}

// Bytes: a line that breaks, a ticket that runs out, a file that changes.
const song = Uint8Array.from({ length: 3 << 20 }, (_, at) => (at * 7) & 255);
let doors = [], tag = '"a"';
const seen = [];
const answer = (status, headers, body) => new Response(body, { status, headers });
globalThis.fetch = async (url, { headers }) => {
  const [, from, to] = /bytes=(\d+)-(\d*)/.exec(headers.Range), door = doors.shift() ?? 'all';
  seen.push([url, headers.Range, door]);
  if (door === 'dead') throw new TypeError('no line');
  if (typeof door === 'number') return answer(door, { 'Retry-After': '0.01' }, '');
  const part = song.subarray(Number(from), Math.min(song.length, Number(to || song.length - 1) + 1)), short = door.cut ? part.subarray(0, door.cut) : part;
  let sent = false;
  const pull = (sink) => { if (!sent) { sent = true; sink.enqueue(short); } else if (door.cut) sink.error(new TypeError('cut')); else sink.close(); };
  const body = new ReadableStream({ pull }, { highWaterMark: 0 });
  return answer(206, { ETag: tag, 'Content-Range': `bytes ${from}-${Number(from) + part.length - 1}/${song.length}` }, body);
};
async function fetched(plans) {
  doors = [...plans];
  seen.length = 0;
  let asked = 0, size = 0, right = true;
  const told = [], bytes = new Bytes(async () => ({ url: `/${(asked += 1)}` }), ({ waiting }) => { if (waiting !== told.at(-1)) told.push(waiting); });
  try { for await (const chunk of bytes.read(0)) { for (const byte of chunk.subarray(0, 999)) right &&= byte === ((size * 7) & 255) && (size += 1) > 0; size += chunk.length - Math.min(999, chunk.length); } } catch (trouble) { return { code: trouble.code, asked }; }
  return { size, right, asked, told, ranges: seen.map(([, range]) => range), length: song.length };
}
out.bytes = {
  plain: await fetched([]), cut: await fetched([{ cut: 100_003 }, 'dead', { cut: 17 }, 'all']), ticket: await fetched(['all', 401, 'all']), refused: await fetched([403, 403, 403, 403, 403]),
  gone: await fetched([404]), changed: await fetched(['all', 412]), busy: await fetched([503, 429, 'all']),
};
tag = '"a"';

// Samples between samples: a tone read at another rate, against the tone as it is there.
const tone = (at) => 0.5 * Math.sin((2 * Math.PI * 1000 * at) / 44100), pcm = new Pcm();
pcm.append(0, [Float32Array.from({ length: 44100 }, (_, at) => tone(at))]);
const [resampled] = read(pcm, 10000.25, 44100 / 48000, 8000, 1);
out.resampled = resampled.reduce((most, value, each) => Math.max(most, Math.abs(value - tone(10000.25 + (each * 44100) / 48000))), 0);
const [copied] = read(pcm, 100, 1, 500, 1);
out.copied = copied.every((value, each) => value === Math.fround(tone(100 + each)));
const crossings = (plane) => plane.slice(1).filter((value, each) => plane[each] < 0 && value >= 0).length;
out.stretched = [0.5, 0.8, 1.5, 2].map((speed) => {
  const stretch = new Stretch(44100, 1, speed, 5000), parts = [];
  for (let hop = 0; hop < 20; hop += 1) parts.push(...stretch.next((at, count) => read(pcm, Math.round(at), 1, count, 1))[0]);
  return { hertz: (crossings(Float32Array.from(parts)) / parts.length) * 44100, went: (stretch.at - 5000) / parts.length / speed };
});
const powers = Array.from({ length: 101 }, (_, each) => gain.fadingIn(each / 100) ** 2 + gain.fadingOut(each / 100) ** 2);
out.power = [Math.min(...powers), Math.max(...powers)];
out.db = [gain.fromDb(-6.0206), gain.fromDb(0), gain.fromDb(undefined)];

const one = { durationMs: 200_000, soundStartMs: 100, soundEndMs: 198_000 }, two = { durationMs: 180_000, soundStartMs: 300, soundEndMs: 179_000 };
const hint = { kind: 'CROSSFADE', fromEndMs: 197_000, toStartMs: 250, overlapMs: 6000, fadeOutMs: 0, fadeInMs: 6000 };
out.plans = [
  plan(one, two), plan(one, two, 4000), plan({ ...one, next: { kind: 'GAPLESS' } }, two, 4000), plan({ ...one, next: hint }, two), plan({ ...one, next: hint }, two, 0),
  plan({ ...one, next: { kind: 'GAP', fromEndMs: 198_000, toStartMs: 300, gapMs: 700 } }, two), plan(one, { ...two, durationMs: 1000, soundEndMs: 900 }, 4000),
];

// Lanes on a clock that the test turns: joints without a sample between, pace changed without one lost.
class Clock {
  rate = 48000; frame = 0; sounds = []; late = 0;
  heardFrame() { return this.frame; }
  voice() { return { placed: [] }; }
  place(voice, planes, frame) { const sound = { frame, plane: planes[0], end: Infinity }; voice.placed.push(sound); this.sounds.push(sound); }
  end(voice, frame) { for (const sound of voice.placed) sound.end = frame; }
  heard(frames) {
    const all = new Float32Array(frames);
    for (const { frame, plane, end } of this.sounds) for (let each = 0; each < plane.length && frame + each < Math.min(frames, end); each += 1) all[frame + each] += plane[each];
    return all;
  }
}
const counted = (from, count) => {
  const sound = new Pcm();
  sound.append(0, [Float32Array.from({ length: count }, (_, at) => from + at)]);
  sound.end(count);
  return { rate: 48000, pcm: sound, head: {}, want() {} };
};
const clock = new Clock(), lanes = new Lanes(clock), first = lanes.add({ item: {}, source: counted(1, 100_001), atMs: 0, frame: 5000 });
lanes.fill();
lanes.add({ item: {}, source: counted(100_002, 50_000), atMs: 0, frame: lanes.endFrame(first) });
for (; clock.frame < 200_000; clock.frame += 9_000) lanes.fill();
const line = clock.heard(155_001);
out.joint = line.slice(5000).every((value, each) => value === each + 1) && line.slice(0, 5000).every((value) => value === 0);
const other = new Clock(), turned = new Lanes(other), smooth = counted(0, 400_000);
smooth.pcm.blocks[0].planes[0].forEach((_, at, plane) => { plane[at] = 0.5 * Math.sin(at / 20); });
turned.add({ item: {}, source: smooth, atMs: 0, frame: 0 });
for (let rates = [1.003, 0.997, 1, 1.005]; other.frame < 140_000; other.frame += 12_000) { turned.fill(); if (other.frame % 36_000 === 0 && rates.length) turned.turn({ nudge: rates.shift() }); }
const nudged = other.heard(130_000);
out.largestStep = nudged.slice(1).reduce((most, value, each) => Math.max(most, Math.abs(value - nudged[each])), 0);
out.nudged = turned.placeAt(turned.lanes[0], 130_000);
console.log(JSON.stringify(out));
